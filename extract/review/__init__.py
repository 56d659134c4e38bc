"""The analysts' workbench: proposals and verdicts in a database, judged in a page.

`database` opens it, `intake` fills it, `judging` is everything a person can do,
`queries` asks it, `server` shows it, `exchange` carries it out and in again; `page`
makes a static page of one document and needs no database.
"""
