"""A scripted coding agent for the demo: it stands in for the model, and for nothing else.

It gets the prompts of a real agent, reads the same files, edits them and answers in the same forms. It knows one task
only, and does not do it well at first, on purpose: its first attempt has a bug, it forgets the README, and the example
it then writes is wrong. It finds all of that out as any agent would: from tests, from a verifier, from the CI's log.
"""
