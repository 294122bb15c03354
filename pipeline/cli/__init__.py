"""The sitewatch command."""
