"""scikit-learn's logistic regression as a student of deshi."""
