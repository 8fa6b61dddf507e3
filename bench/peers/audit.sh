#!/usr/bin/env bash
# The calls of the last-usage audit script of the AWS Security Blog, in its order: list-keys, describe-key for each key,
# get-key-last-usage for each customer managed key. As there, `TimeStamp` is read, which no answer has: AWS's field is
# `Timestamp`. Prints account, Region, key ID and what is said of the key, separated by tabs.
#
#   audit.sh DAYS ROLE "REGION REGION" ACCOUNT...
set -euo pipefail
days=$1 role=$2 regions=$3
shift 3
long_ago=$(($(date +%s) - days * 86400))

for account in "$@"; do
    credentials=$(env -u AWS_SESSION_TOKEN \
        AWS_ACCESS_KEY_ID="$SCANNER_ACCESS_KEY_ID" AWS_SECRET_ACCESS_KEY="$SCANNER_SECRET_ACCESS_KEY" \
        aws sts assume-role --role-arn "arn:aws:iam::$account:role/$role" --role-session-name audit \
        --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
    read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    for region in $regions; do
        for key in $(aws kms list-keys --region "$region" --query 'Keys[].KeyId' --output text); do
            manager=$(aws kms describe-key --region "$region" --key-id "$key" \
                --query KeyMetadata.KeyManager --output text)
            [ "$manager" = CUSTOMER ] || continue
            # What the published script does when this call fails is not imitated; here the failure is told.
            if ! last=$(aws kms get-key-last-usage --region "$region" --key-id "$key" \
                --query KeyLastUsage.TimeStamp --output text); then
                said=unreadable
            elif [ "$last" = None ] || [ "${last%.*}" -le "$long_ago" ]; then
                said=unused
            else
                said=used
            fi
            printf '%s\t%s\t%s\t%s\n' "$account" "$region" "$key" "$said"
        done
    done
done
