"""What each kind of API must answer: one module per kind."""
