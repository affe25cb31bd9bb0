"""The git command, run so that neither a URL nor a server can make it do more.

GitError        the message is for people and holds no secret
"""
