"""What is asked for: advice, parts, templates and tables of prompts."""
