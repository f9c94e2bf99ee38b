"""A server on this machine that speaks the protocols of real teachers, for tests and for trying deshi.

It is no language model: the offline teachers `casual` and `lexicon` give its answers.
"""
