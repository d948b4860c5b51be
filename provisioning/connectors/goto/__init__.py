"""A GoTo account (GoToMeeting and its sisters) as the target, through the GoTo Admin REST API v1."""
