#!/bin/sh
# Account 222222222222 (payments-prod), from the census of 2026-11-21. Read plan.md first.
#
# Every command on a key is commented out with a mark. It runs once a person has removed its mark:
#   #1#  disable or deactivate    #undo1#  enable or activate again
#   #2#  watch
#   #3#  delete                   #undo3#  cancel the deletion; #undo1# must follow for a KMS key
# sed 's/^#1# //' 222222222222.sh | sh    takes step 1 for all keys of the account.
#
# It takes credentials of the account that may do this. Those of Keycensus only read.
set -eu

account=$(aws sts get-caller-identity --query Account --output text)
if [ "${account}" != '222222222222' ]; then
    echo "these credentials are of account ${account}, not of 222222222222" >&2
    exit 1
fi

# ======== owner finance

# -------- alias/quarterly and 1 more alias
# KMS key dd7a3a88-0438-4434-a38c-e0923c849090 in eu-west-1
# last Decrypt on 2026-05-23; 182 days idle; 3.00 USD a month; no dependents found; seen disabled since 2026-09-30
# 1. It is disabled already. Enabling it again:
#undo1# aws kms enable-key --region 'eu-west-1' --key-id 'dd7a3a88-0438-4434-a38c-e0923c849090' || echo "left as it is: dd7a3a88-0438-4434-a38c-e0923c849090" >&2
# 2. Watch for 30 days or more, and longer than the rarest job that may need it: requests that KMS refused because it is disabled.
#2# aws cloudtrail lookup-events --region 'eu-west-1' --lookup-attributes 'AttributeKey=ResourceName,AttributeValue=arn:aws:kms:eu-west-1:222222222222:key/dd7a3a88-0438-4434-a38c-e0923c849090' --query "Events[?contains(CloudTrailEvent, 'DisabledException')].[EventTime, EventName, Username]" --output text
# 3. Schedule its deletion: censuses have seen it disabled for long enough. KMS waits 30 days, in which it can be cancelled, which leaves the key disabled; after that nothing brings it back.
#3# state=$(aws kms describe-key --region 'eu-west-1' --key-id 'dd7a3a88-0438-4434-a38c-e0923c849090' --query KeyMetadata.KeyState --output text)
#3# [ "${state}" = Disabled ] || echo "left alone: dd7a3a88-0438-4434-a38c-e0923c849090 is '${state}'" >&2
#3# [ "${state}" != Disabled ] || aws kms schedule-key-deletion --region 'eu-west-1' --key-id 'dd7a3a88-0438-4434-a38c-e0923c849090' --pending-window-in-days 30
#undo3# aws kms cancel-key-deletion --region 'eu-west-1' --key-id 'dd7a3a88-0438-4434-a38c-e0923c849090' || echo "left as it is: dd7a3a88-0438-4434-a38c-e0923c849090" >&2

# ======== owner payments

# -------- alias/psp-gateway-2019
# KMS key f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546 in eu-west-1
# last Decrypt on 2026-05-23; 182 days idle; 1.00 USD a month; no dependents found
# 1. Disable it. Requests that need it fail from then on; enabling it ends that at once.
#1# aws kms disable-key --region 'eu-west-1' --key-id 'f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546'
#undo1# aws kms enable-key --region 'eu-west-1' --key-id 'f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546' || echo "left as it is: f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546" >&2
# 2. Watch for 30 days or more, and longer than the rarest job that may need it: requests that KMS refused because it is disabled.
#2# aws cloudtrail lookup-events --region 'eu-west-1' --lookup-attributes 'AttributeKey=ResourceName,AttributeValue=arn:aws:kms:eu-west-1:222222222222:key/f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546' --query "Events[?contains(CloudTrailEvent, 'DisabledException')].[EventTime, EventName, Username]" --output text
# 3. If nothing has failed without it, schedule its deletion. KMS waits 30 days, in which it can be cancelled, which leaves the key disabled; after that nothing brings it back.
#3# state=$(aws kms describe-key --region 'eu-west-1' --key-id 'f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546' --query KeyMetadata.KeyState --output text)
#3# [ "${state}" = Disabled ] || echo "left alone: f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546 is '${state}'" >&2
#3# [ "${state}" != Disabled ] || aws kms schedule-key-deletion --region 'eu-west-1' --key-id 'f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546' --pending-window-in-days 30
#undo3# aws kms cancel-key-deletion --region 'eu-west-1' --key-id 'f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546' || echo "left as it is: f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546" >&2

# -------- user deploy-bot
# access key AKIAI44QH8DHBEXAMPLE
# never used since it was created; 410 days idle
# 1. It is inactive already. Activating it again:
#undo1# aws iam update-access-key --user-name='deploy-bot' --access-key-id 'AKIAI44QH8DHBEXAMPLE' --status Active || echo "left as it is: AKIAI44QH8DHBEXAMPLE" >&2
# 2. Watch for 30 days or more, and longer than the rarest job that may use it. Do not count on CloudTrail for requests that are signed with an inactive key: ask its owner, and look at the logs of what runs as this user. The last use must not change:
#2# aws iam get-access-key-last-used --access-key-id 'AKIAI44QH8DHBEXAMPLE' --query 'AccessKeyLastUsed.[LastUsedDate, ServiceName, Region]' --output text
# 3. If nothing has failed without it, delete it. Nothing brings it back.
#3# state=$(aws iam list-access-keys --user-name='deploy-bot' --query "AccessKeyMetadata[?AccessKeyId=='AKIAI44QH8DHBEXAMPLE'].Status" --output text)
#3# [ "${state}" = Inactive ] || echo "left alone: AKIAI44QH8DHBEXAMPLE is '${state}'" >&2
#3# [ "${state}" != Inactive ] || aws iam delete-access-key --user-name='deploy-bot' --access-key-id 'AKIAI44QH8DHBEXAMPLE'

# -------- user deploy-bot
# access key AKIAIOSFODNN7EXAMPLE
# last use of s3 on 2026-05-23; 182 days idle
# 1. Deactivate it. Requests that are signed with it fail from then on; activating it ends that at once.
#1# aws iam update-access-key --user-name='deploy-bot' --access-key-id 'AKIAIOSFODNN7EXAMPLE' --status Inactive
#undo1# aws iam update-access-key --user-name='deploy-bot' --access-key-id 'AKIAIOSFODNN7EXAMPLE' --status Active || echo "left as it is: AKIAIOSFODNN7EXAMPLE" >&2
# 2. Watch for 30 days or more, and longer than the rarest job that may use it. Do not count on CloudTrail for requests that are signed with an inactive key: ask its owner, and look at the logs of what runs as this user. The last use must not change:
#2# aws iam get-access-key-last-used --access-key-id 'AKIAIOSFODNN7EXAMPLE' --query 'AccessKeyLastUsed.[LastUsedDate, ServiceName, Region]' --output text
# 3. If nothing has failed without it, delete it. Nothing brings it back.
#3# state=$(aws iam list-access-keys --user-name='deploy-bot' --query "AccessKeyMetadata[?AccessKeyId=='AKIAIOSFODNN7EXAMPLE'].Status" --output text)
#3# [ "${state}" = Inactive ] || echo "left alone: AKIAIOSFODNN7EXAMPLE is '${state}'" >&2
#3# [ "${state}" != Inactive ] || aws iam delete-access-key --user-name='deploy-bot' --access-key-id 'AKIAIOSFODNN7EXAMPLE'
