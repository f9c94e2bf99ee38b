"""The student keeps deshi's contract."""

from deshi.testing import StudentContract


class TestNgramLr(StudentContract):
    use = "sklearn/ngram-lr"
