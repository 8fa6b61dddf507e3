"""A second AWS for the tests: moto, populated from the simulator's world files.

Other people wrote moto than wrote the simulator: what both answer alike is not one author's misunderstanding of AWS.
It lacks a few things that a census depends on; this package adds them and nothing else:

- ``world``: reads a world file (TOML) into plain data, with ``identities`` for its IAM part and ``table`` below both.
- ``populate``: puts that world into moto's backends.
- ``operations``: the operations and fields moto lacks (GetKeyLastUsage, ListRegions, Paths), and trust policies.
- ``storage``: EBS volumes and snapshots, grants and key policies, which ``dependents`` reads.
- ``events``: EventBridge where moto is not AWS.
- ``iam``: IAM where moto is not AWS: pages, last uses, and the ``credential_report`` as the world's ``clock`` has it.
- ``answers``: errors as AWS's protocols write them.
- ``door``: what stands in front of moto's services: the call log, credentials, Regions that are not enabled, refusals.

``python -m motoext --world FILE`` serves it and prints ``listening on http://127.0.0.1:PORT``.
"""
