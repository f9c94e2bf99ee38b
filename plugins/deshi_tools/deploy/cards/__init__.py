"""A row as others get it: the fitted student and its data, each with a card that says how they came."""
