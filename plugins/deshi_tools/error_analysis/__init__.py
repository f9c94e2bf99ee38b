"""What a row gets wrong: tags, slices, texts, per emoji."""
