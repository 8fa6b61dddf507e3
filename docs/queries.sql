-- Questions to ask of the reports, in Athena and in DuckDB.
--
-- Athena: choose the database that the stack made (`keycensus`); the queries run as they stand. Give a query one
-- at a time.
--
-- DuckDB, over a copy of the bucket's folders keys/, coverage/ and changes/ (or over `keycensus scan --out DIR`):
--
--     CREATE VIEW keys AS FROM read_csv('DIR/keys/*/keys.csv', all_varchar = true,
--         hive_partitioning = true, hive_types_autocast = false, union_by_name = true);
--
-- and the same for coverage and changes.
--
-- Every column is text, hence the casts: try_cast makes null of what is empty. Athena reads an empty cell as empty
-- text and DuckDB as null; both are allowed for. `date` is the day of the report (UTC). It is compared as text, so
-- that Athena reads no other nights than those asked for; a date less some days is a timestamp in DuckDB, hence the
-- cast back to a date. "Last night" is the newest report of the last 7 days.


-- flagged_by_owner: Who has to look at what, most keys first. No owner: no owner tag on the key or its user.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    coalesce(nullif(owner, ''), '(no owner)') AS owner,
    count(*) AS flagged_keys,
    count(*) FILTER (WHERE kind = 'kms_key') AS kms_keys,
    count(*) FILTER (WHERE kind LIKE '%access_key') AS access_keys,
    count(*) FILTER (WHERE kind LIKE '%password') AS passwords,
    count(*) FILTER (WHERE kind = 'secret') AS secrets,
    count(DISTINCT account_id) AS accounts,
    sum(try_cast(monthly_cost_usd AS decimal(12, 2))) AS monthly_cost_usd,
    max(try_cast(idle_days AS bigint)) AS longest_idle_days
FROM last_night
WHERE flagged = 'true'
GROUP BY coalesce(nullif(owner, ''), '(no owner)')
ORDER BY flagged_keys DESC, owner;


-- cost_per_ou: What KMS keys and secrets cost a month at list price, and how much of it is for flagged ones, by organizational
-- unit. Accounts count where they are, not in the units above.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    coalesce(nullif(ou_path, ''), '(not known)') AS ou_path,
    count(DISTINCT account_id) AS accounts,
    count(*) FILTER (WHERE kind = 'kms_key') AS kms_keys,
    count(*) FILTER (WHERE kind = 'secret') AS secrets,
    sum(try_cast(monthly_cost_usd AS decimal(12, 2))) AS monthly_cost_usd,
    coalesce(sum(try_cast(monthly_cost_usd AS decimal(12, 2))) FILTER (WHERE flagged = 'true'), 0) AS flagged_cost_usd
FROM last_night
WHERE kind IN ('kms_key', 'secret')
GROUP BY coalesce(nullif(ou_path, ''), '(not known)')
ORDER BY flagged_cost_usd DESC, monthly_cost_usd DESC, ou_path;


-- flagged_for_30_nights: Keys that were flagged in each of the last 30 reports, longest idle first: the ones to act
-- on. A night on which a key could not be read breaks its run; `first_flagged_on` is kept through such nights.
WITH nights AS (
    SELECT DISTINCT "date" AS night
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '60' DAY AS date) AS varchar)
    ORDER BY night DESC
    LIMIT 30
)
SELECT
    account_id,
    max_by(account_name, "date") AS account_name,
    region,
    kind,
    key_id,
    max_by(coalesce(name, ''), "date") AS name,
    max_by(coalesce(owner, ''), "date") AS owner,
    max_by(recommendation, "date") AS recommendation,
    max(try_cast(idle_days AS bigint)) AS idle_days
FROM keys
WHERE "date" >= cast(cast(current_date - INTERVAL '60' DAY AS date) AS varchar)
  AND "date" IN (SELECT night FROM nights)
  AND flagged = 'true'
GROUP BY account_id, region, kind, key_id
HAVING count(DISTINCT "date") = 30
ORDER BY idle_days DESC, account_id, region, key_id;


-- coverage_trend: How much of the organization was read, night by night, newest first. A cell is an account, a
-- Region and a kind of key; in an account that was not entered, nobody knows how many there are.
SELECT
    "date",
    count(*) FILTER (WHERE region <> '*') AS cells,
    count(*) FILTER (WHERE status IN ('partial', 'denied', 'failed', 'deferred')) AS cells_with_gaps,
    count(*) FILTER (WHERE status = 'unreachable' AND account_id <> '') AS accounts_unreachable,
    coalesce(sum(try_cast(keys AS bigint)), 0) AS keys_listed,
    coalesce(sum(try_cast(unreadable AS bigint)), 0) AS keys_unreadable,
    round(100e0 * count(*) FILTER (WHERE status = 'scanned') / nullif(count(*) FILTER (WHERE region <> '*'), 0), 1)
        AS percent_of_cells_scanned
FROM coverage
WHERE "date" >= cast(cast(current_date - INTERVAL '90' DAY AS date) AS varchar)
GROUP BY "date"
ORDER BY "date" DESC;


-- newly_flagged_last_night: Keys that have been flagged since last night, by account. In the first report these are
-- all flagged keys.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    account_id,
    account_name,
    region,
    kind,
    key_id,
    name,
    owner,
    verdict,
    try_cast(idle_days AS bigint) AS idle_days,
    recommendation
FROM last_night
WHERE flagged = 'true' AND first_flagged_on = scan_date
ORDER BY account_id, region, kind, key_id;


-- access_keys_to_rotate: Access keys of users that are in use and too old, oldest first.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    account_id,
    account_name,
    name AS user_name,
    key_id,
    owner,
    date_diff('day', try_cast(substr(created_at, 1, 10) AS date), try_cast(scan_date AS date)) AS age_days,
    last_service,
    last_used_region,
    try_cast(idle_days AS bigint) AS idle_days
FROM last_night
WHERE kind = 'iam_access_key' AND recommendation = 'rotate'
ORDER BY age_days DESC, account_id, key_id;


-- root_access_keys: Every access key of a root user, used or not. There should be none.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    account_id,
    account_name,
    key_id,
    state,
    verdict,
    nullif(last_used_at, '') AS last_used_at,
    last_service,
    detail
FROM last_night
WHERE kind = 'root_access_key'
ORDER BY account_id, key_id;


-- accounts_never_read: Accounts of which no report of the last 90 days has anything, with what the newest one says.
-- An account that is `skipped` is not active, or a setting excludes it. Of an account that was entered and refused
-- everything, the last of its cells speaks.
SELECT
    account_id,
    max_by(account_name, "date") AS account_name,
    min("date") AS first_listed,
    count(DISTINCT "date") AS nights,
    max_by(status, "date" || region || kind) AS status,
    max_by(coalesce(detail, ''), "date" || region || kind) AS detail
FROM coverage
WHERE "date" >= cast(cast(current_date - INTERVAL '90' DAY AS date) AS varchar)
  -- Rows without an account are about the organization.
  AND account_id <> ''
GROUP BY account_id
HAVING count(*) FILTER (WHERE status IN ('scanned', 'partial') OR try_cast(keys AS bigint) > 0) = 0
ORDER BY nights DESC, account_id;


-- state_changed_while_flagged: What people did about flagged keys in the last 30 days: disabled, scheduled for
-- deletion, deactivated, or enabled again.
WITH by_night AS (
    SELECT
        "date",
        account_id,
        account_name,
        region,
        kind,
        key_id,
        name,
        owner,
        state,
        lag(state) OVER (PARTITION BY account_id, region, kind, key_id ORDER BY "date") AS previous_state,
        lag(flagged) OVER (PARTITION BY account_id, region, kind, key_id ORDER BY "date") AS previously_flagged
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '31' DAY AS date) AS varchar)
)
SELECT "date", account_id, account_name, region, kind, key_id, name, owner, previous_state, state
FROM by_night
WHERE previously_flagged = 'true'
  AND nullif(previous_state, '') <> nullif(state, '')
ORDER BY "date" DESC, account_id, region, key_id;


-- most_expensive_idle_keys: Flagged KMS keys by what they cost a month at list price, longest idle first among
-- equals. Deleting one of a set of multi-Region keys saves its own price only.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    account_id,
    account_name,
    region,
    key_id,
    name,
    owner,
    try_cast(monthly_cost_usd AS decimal(12, 2)) AS monthly_cost_usd,
    try_cast(idle_days AS bigint) AS idle_days,
    verdict,
    multi_region_set,
    detail
FROM last_night
WHERE kind = 'kms_key' AND flagged = 'true'
ORDER BY monthly_cost_usd DESC, idle_days DESC, account_id, region, key_id
LIMIT 100;


-- used_again: Keys that had been called unused and were used after all, in the last 90 days, newest first: what
-- deleting them would have broken.
SELECT
    "date",
    account_id,
    account_name,
    region,
    kind,
    key_id,
    name,
    owner,
    previous_verdict,
    last_used_at
FROM changes
WHERE "date" >= cast(cast(current_date - INTERVAL '90' DAY AS date) AS varchar)
  AND change = 'used_again'
ORDER BY "date" DESC, account_id, region, key_id;


-- changes_by_night: How many keys came, went and changed, night by night, newest first. A night without changes has
-- no row.
SELECT
    "date",
    count(*) FILTER (WHERE change = 'new') AS new_keys,
    count(*) FILTER (WHERE change = 'newly_flagged') AS newly_flagged,
    count(*) FILTER (WHERE change = 'needed_again') AS needed_again,
    count(*) FILTER (WHERE change = 'used_again') AS used_again,
    count(*) FILTER (WHERE change = 'state_changed') AS state_changed,
    count(*) FILTER (WHERE change = 'gone') AS gone
FROM changes
WHERE "date" >= cast(cast(current_date - INTERVAL '90' DAY AS date) AS varchar)
GROUP BY "date"
ORDER BY "date" DESC;


-- somebody_still_needs: Keys that are disabled or pending deletion, and that somebody was refused of late: those that
-- KMS deletes first come first. Nothing found is no proof that nobody needs a key.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    account_id,
    account_name,
    region,
    key_id,
    name,
    owner,
    state,
    nullif(deletion_date, '') AS deletion_date,
    try_cast(refused_uses AS bigint) AS refused_uses,
    refused_last_at,
    refused_last_by,
    recommendation
FROM last_night
WHERE recommendation IN ('enable_again', 'cancel_deletion')
ORDER BY coalesce(nullif(deletion_date, ''), '9999'), refused_last_at DESC, account_id, region, key_id;


-- service_credentials_to_replace: Service-specific credentials without an expiry, or too old, oldest first. AWS records
-- no use of them, so none is called unused.
WITH last_night AS (
    SELECT *
    FROM keys
    WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      AND "date" = (
          SELECT max("date") FROM keys WHERE "date" >= cast(cast(current_date - INTERVAL '7' DAY AS date) AS varchar)
      )
)
SELECT
    account_id,
    account_name,
    name,
    key_id,
    owner,
    state,
    date_diff('day', try_cast(substr(created_at, 1, 10) AS date), try_cast(scan_date AS date)) AS age_days,
    nullif(expires_at, '') AS expires_at,
    recommendation
FROM last_night
WHERE kind = 'service_credential' AND recommendation IN ('rotate', 'set_expiry')
ORDER BY age_days DESC, account_id, key_id;
