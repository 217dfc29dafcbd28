"""One file for each HTTP client, and what they share: functions put in, and taken out again."""
