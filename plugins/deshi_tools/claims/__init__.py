"""Claims about a run: `knn > majority on jaccard`, and the evidence for or against them."""
