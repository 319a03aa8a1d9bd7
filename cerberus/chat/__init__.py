"""A person in the loop: commands by Telegram, which is one more client of the API."""
