"""Run the stages of a plan: the artefact store, the ledger, the loop, in one process or several."""
