#!/bin/sh
# Account 444444444444 (data-platform), from the census of 2026-11-21. Read plan.md first.
#
# Every command on a key is commented out with a mark. It runs once a person has removed its mark:
#   #1#  disable or deactivate    #undo1#  enable or activate again
#   #2#  watch
#   #3#  delete                   #undo3#  cancel the deletion; #undo1# must follow for a KMS key
# sed 's/^#1# //' 444444444444.sh | sh    takes step 1 for all keys of the account.
#
# It takes credentials of the account that may do this. Those of Keycensus only read.
set -eu

account=$(aws sts get-caller-identity --query Account --output text)
if [ "${account}" != '444444444444' ]; then
    echo "these credentials are of account ${account}, not of 444444444444" >&2
    exit 1
fi

# ======== no owner known

# -------- no alias
# KMS key 0b1c2d3e-4a1c-4b6e-9d57-000000000003 in eu-west-1
# no use since tracking began on 2026-04-23, an earlier use cannot be excluded; 182 days idle; 1.00 USD a month; dependents not checked: UnauthorizedOperation
# 1. Dependents not checked: look for what may need it first. Disable it. Requests that need it fail from then on; enabling it ends that at once.
#1# aws kms disable-key --region 'eu-west-1' --key-id '0b1c2d3e-4a1c-4b6e-9d57-000000000003'
#undo1# aws kms enable-key --region 'eu-west-1' --key-id '0b1c2d3e-4a1c-4b6e-9d57-000000000003' || echo "left as it is: 0b1c2d3e-4a1c-4b6e-9d57-000000000003" >&2
# 2. Watch for 30 days or more, and longer than the rarest job that may need it: requests that KMS refused because it is disabled.
#2# aws cloudtrail lookup-events --region 'eu-west-1' --lookup-attributes 'AttributeKey=ResourceName,AttributeValue=arn:aws:kms:eu-west-1:444444444444:key/0b1c2d3e-4a1c-4b6e-9d57-000000000003' --query "Events[?contains(CloudTrailEvent, 'DisabledException')].[EventTime, EventName, Username]" --output text
# 3. Not planned: dependents not checked. What is not known is no reason to delete a key.
