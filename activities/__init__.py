"""The hands: activities do what workflows decided."""
