"""Who is called: schedules, escalation and incidents move in here."""
