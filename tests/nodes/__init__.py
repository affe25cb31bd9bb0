"""Real model servers, started for tests; what they really answered; the truth table."""
