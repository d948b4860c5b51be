"""What happens to a person: two mirrors, one plan, one writer.

    directory ──read──▶ mirror of the directory ─┐
                                                 ├─▶ plan ──▶ guard ──▶ export ──▶ settle
    application ─list─▶ mirror of the accounts ──┘

The modules carry the names of the steps that the provisioning log shows:

    cycle               the stages of one run, in order; lease, slices, stop
    reading_directory   feeds → directory mirror
    reading_target      a listing or lookups → account mirror
    entitlement  scoping  matching  processing     pure; together `decide(person) → Action`
    planning            dirty people in batches → Change rows
    guards  quarantine  pure: what may not be sent, and when a job must rest
    export              planned rows → requests in flight → endings
    settling            endings → rows
    resting             a job that fails: what is said to whom, how long it rests, how it heals
    pacing              how fast the application lets us go
    preview  impact  explaining     the pure decisions, for looking at: of everybody, of a mapping not saved yet, of one
"""
