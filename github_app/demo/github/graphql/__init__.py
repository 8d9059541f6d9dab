"""The few corners of GitHub's GraphQL API that have no REST: review threads, drafts, reactions to reviews."""

from github_app.demo.github.graphql.execution import execute

__all__ = ["execute"]
