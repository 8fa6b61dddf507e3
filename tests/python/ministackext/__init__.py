"""Ministack, an AWS that deploys CloudFormation templates and enforces IAM, with what it lacks for a census.

Other people wrote ministack than wrote the simulator and the templates: what it accepts is not one author's
misunderstanding of AWS. This package adds what AWS has and ministack 1.5.33 has not, and nothing else:

- ``organization``: accounts that belong to one organization, and accounts outside of it.
- ``services``: the operations and fields of KMS, the Account Management API and Organizations that are missing.
- ``authorization``: condition keys, policy variables and resource ARNs by which AWS decides.
- ``delivery``: what Lambda, EventBridge Scheduler and CloudWatch alarms may do by roles and policies.
- ``door``: what stands in front: HTTPS, the log of authorized calls, the past, and the passing of time.

``python -m ministackext --accounts 111111111111,222222222222`` serves it and prints
``listening on http://127.0.0.1:PORT``. It runs in the virtual environment of requirements-ministack.txt.
"""
