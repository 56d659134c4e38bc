"""Out of the database into files other programs read, and in again.

`selection` says what is taken; `gold`, `spans` (doccano, Label Studio, brat) and
`sheet` (CSV, Excel) write it; `predictions` and `sheet_in` read it.
"""
