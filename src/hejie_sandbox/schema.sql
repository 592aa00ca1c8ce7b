-- Money is integer fen, instants are seconds since 1970 by the sandbox's own clock.
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS apps (
    app_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    certificate TEXT NOT NULL DEFAULT '',        -- PEM; present = certificate mode
    notify_url TEXT NOT NULL DEFAULT '',
    platform_url TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    merchant_id TEXT NOT NULL DEFAULT '',        -- a merchant's own application
    keep_sign_type INTEGER NOT NULL DEFAULT 0    -- callbacks signed with sign_type kept in the text
);

CREATE TABLE IF NOT EXISTS users (user_id TEXT PRIMARY KEY, name TEXT NOT NULL, logon TEXT NOT NULL, phone TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS merchants (
    merchant_id TEXT PRIMARY KEY,
    cert_no TEXT NOT NULL,
    name TEXT NOT NULL,
    merchant_type TEXT NOT NULL CHECK (merchant_type IN ('DIRECT', 'INDIRECT')),
    logon TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT '',
    notice TEXT NOT NULL DEFAULT '',
    refund_days INTEGER NOT NULL DEFAULT 365,
    auth_app_id TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0)
);
CREATE INDEX IF NOT EXISTS merchants_cert ON merchants (cert_no);

CREATE TABLE IF NOT EXISTS openings (
    merchant_id TEXT NOT NULL REFERENCES merchants,
    app_id TEXT NOT NULL REFERENCES apps,
    status TEXT NOT NULL CHECK (status IN ('OPENED', 'CLOSED')),
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, app_id)
);

CREATE TABLE IF NOT EXISTS auth_codes (
    code TEXT PRIMARY KEY, app_id TEXT NOT NULL, merchant_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, refresh_token TEXT NOT NULL UNIQUE, app_id TEXT NOT NULL, merchant_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, refresh_expires_at INTEGER NOT NULL,
    ended TEXT NOT NULL DEFAULT ''               -- 'refreshed' or 'withdrawn'
);

CREATE TABLE IF NOT EXISTS trades (
    trade_no TEXT PRIMARY KEY,
    out_trade_no TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users,
    merchant_id TEXT REFERENCES merchants,       -- NULL: no purchase (transfer, red packet, wealth product, income)
    kind TEXT NOT NULL,
    counterparty TEXT NOT NULL,
    subject TEXT NOT NULL,
    total INTEGER NOT NULL CHECK (total > 0),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total),
    paid_at INTEGER NOT NULL,
    refund_until INTEGER NOT NULL,
    frozen INTEGER NOT NULL DEFAULT 0,
    store_id TEXT NOT NULL DEFAULT '',
    store_name TEXT NOT NULL DEFAULT '',
    terminal_id TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT '',
    method TEXT NOT NULL DEFAULT '余额宝'
);
CREATE INDEX IF NOT EXISTS trades_out ON trades (merchant_id, out_trade_no);
CREATE INDEX IF NOT EXISTS trades_user ON trades (user_id, paid_at);
CREATE INDEX IF NOT EXISTS trades_merchant ON trades (merchant_id, paid_at);

CREATE TABLE IF NOT EXISTS refunds (
    trade_no TEXT NOT NULL REFERENCES trades,
    out_request_no TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL DEFAULT '',
    road TEXT NOT NULL CHECK (road IN ('api', 'hand')),
    app_id TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    PRIMARY KEY (trade_no, out_request_no)
);
CREATE INDEX IF NOT EXISTS refunds_at ON refunds (at);

CREATE TABLE IF NOT EXISTS images (
    image_id TEXT PRIMARY KEY, kind TEXT NOT NULL, content BLOB NOT NULL, at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS cases (
    event_id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    trade_no TEXT NOT NULL REFERENCES trades,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    user_id TEXT NOT NULL REFERENCES users,
    app_id TEXT NOT NULL DEFAULT '',             -- the city's application it is shown to
    reason TEXT NOT NULL,
    demand TEXT NOT NULL,
    content TEXT NOT NULL,
    images TEXT NOT NULL DEFAULT '',             -- image ids, commas
    phone TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    finished_at INTEGER,
    handle_deadline INTEGER NOT NULL,
    confirm_deadline INTEGER,
    intervened_at INTEGER,
    feedback_code TEXT NOT NULL DEFAULT '',
    finish_memo TEXT NOT NULL DEFAULT '',
    agency TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS cases_status ON cases (status, handle_deadline);

CREATE TABLE IF NOT EXISTS replies (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL REFERENCES cases, role TEXT NOT NULL, name TEXT NOT NULL,
    content TEXT NOT NULL, images TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS replies_case ON replies (event_id);

CREATE TABLE IF NOT EXISTS pushes (
    id INTEGER PRIMARY KEY,
    app_id TEXT NOT NULL, msg_method TEXT NOT NULL, content TEXT NOT NULL,
    notify_id TEXT NOT NULL,
    stale INTEGER NOT NULL DEFAULT 0,            -- sent with a time of yesterday
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'held', 'done', 'given_up')),
    last_answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS pushes_due ON pushes (state, due_at);

CREATE TABLE IF NOT EXISTS bill_links (
    token TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, bill_date TEXT NOT NULL, expires_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS knobs (
    name TEXT PRIMARY KEY,
    probability REAL NOT NULL DEFAULT 0 CHECK (probability BETWEEN 0 AND 1),
    remaining INTEGER NOT NULL DEFAULT 0 CHECK (remaining >= 0),
    value REAL NOT NULL,
    method TEXT NOT NULL DEFAULT '',
    injected INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS sms_accounts (
    account TEXT PRIMARY KEY, secret TEXT NOT NULL, templates TEXT NOT NULL,
    per_minute INTEGER NOT NULL                  -- messages a minute to one number, by the sandbox's clock
);

CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL, key TEXT NOT NULL, body_digest TEXT NOT NULL,
    recipient TEXT NOT NULL, signature_name TEXT NOT NULL, template TEXT NOT NULL,
    params TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (account, key)
);
-- Messages that were calls.
CREATE TABLE IF NOT EXISTS sms_calls (message_id TEXT PRIMARY KEY);
CREATE INDEX IF NOT EXISTS sms_recipient ON sms (recipient, at);

CREATE TABLE IF NOT EXISTS sms_addresses (account TEXT PRIMARY KEY, url TEXT NOT NULL, per_second INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS letters (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    headers TEXT NOT NULL,                       -- JSON: pairs of name and value
    at REAL NOT NULL,
    copies INTEGER NOT NULL                      -- how often it was handed over
);

CREATE TABLE IF NOT EXISTS sms_receipts (
    id INTEGER PRIMARY KEY,
    receipt_id TEXT NOT NULL,
    account TEXT NOT NULL, key TEXT NOT NULL,
    status TEXT NOT NULL, code TEXT NOT NULL,
    forged INTEGER NOT NULL,
    known_at REAL NOT NULL,                      -- from when a question is answered with it
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'given_up'))
);
CREATE INDEX IF NOT EXISTS sms_receipts_due ON sms_receipts (state, due_at);
CREATE INDEX IF NOT EXISTS sms_receipts_key ON sms_receipts (account, key);

-- WeChat Pay: a wallet of its own, beside the one above.
CREATE TABLE IF NOT EXISTS wx_partners (
    mchid TEXT PRIMARY KEY, public_key TEXT NOT NULL, serial TEXT NOT NULL, api_key TEXT NOT NULL,
    certified INTEGER NOT NULL DEFAULT 0         -- answers are signed by the platform certificate, else by the public key
);

CREATE TABLE IF NOT EXISTS wx_merchants (
    sub_mchid TEXT PRIMARY KEY, name TEXT NOT NULL, balance INTEGER NOT NULL CHECK (balance >= 0),
    allows_refund INTEGER NOT NULL DEFAULT 1     -- the merchant's leave for the partner, given on its own page
);

CREATE TABLE IF NOT EXISTS wx_trades (
    transaction_id TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL, sub_mchid TEXT NOT NULL REFERENCES wx_merchants,
    openid TEXT NOT NULL, description TEXT NOT NULL, total INTEGER NOT NULL CHECK (total > 0),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total),
    paid_at INTEGER NOT NULL, refund_until INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS wx_refunds (
    sub_mchid TEXT NOT NULL, out_refund_no TEXT NOT NULL, refund_id TEXT NOT NULL UNIQUE,
    transaction_id TEXT NOT NULL REFERENCES wx_trades, amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL, settles_at INTEGER NOT NULL,
    PRIMARY KEY (sub_mchid, out_refund_no)
);
CREATE INDEX IF NOT EXISTS wx_refunds_trade ON wx_refunds (transaction_id);

CREATE TABLE IF NOT EXISTS wx_bills (token TEXT PRIMARY KEY, content BLOB NOT NULL, expires_at REAL NOT NULL);

-- Consumer complaints 2.0: a payer complains of a payment; the merchant's side answers and completes.
CREATE TABLE IF NOT EXISTS wx_complaints (
    complaint_id TEXT PRIMARY KEY, mchid TEXT NOT NULL REFERENCES wx_partners, sub_mchid TEXT NOT NULL,
    transaction_id TEXT NOT NULL REFERENCES wx_trades,
    state TEXT NOT NULL,                         -- PENDING, PROCESSING, PROCESSED
    problem_type TEXT NOT NULL, problem_description TEXT NOT NULL, detail TEXT NOT NULL,
    apply_refund_amount INTEGER NOT NULL DEFAULT 0, phone TEXT NOT NULL DEFAULT '',
    media TEXT NOT NULL DEFAULT '',              -- image ids of the payer, by comma
    times INTEGER NOT NULL DEFAULT 1, incoming INTEGER NOT NULL DEFAULT 0, in_platform INTEGER NOT NULL DEFAULT 0,
    judged TEXT NOT NULL DEFAULT '',             -- APPROVE or REJECT
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS wx_complaints_trade ON wx_complaints (transaction_id);

CREATE TABLE IF NOT EXISTS wx_negotiations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, complaint_id TEXT NOT NULL REFERENCES wx_complaints,
    log_id TEXT NOT NULL UNIQUE, operator TEXT NOT NULL, operate_type TEXT NOT NULL, details TEXT NOT NULL DEFAULT '',
    images TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS wx_images (
    media_id TEXT PRIMARY KEY, mchid TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL, at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS wx_notifications (mchid TEXT PRIMARY KEY REFERENCES wx_partners, url TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS wx_pushes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, push_id TEXT NOT NULL, mchid TEXT NOT NULL, url TEXT NOT NULL,
    event_type TEXT NOT NULL, content TEXT NOT NULL, stale INTEGER NOT NULL DEFAULT 0,
    forged INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    last_answer TEXT NOT NULL DEFAULT ''
);

-- Platform certificates after the first one, which lies in the keys' folder.
CREATE TABLE IF NOT EXISTS wx_certificates (
    id INTEGER PRIMARY KEY AUTOINCREMENT, certificate TEXT NOT NULL, private_key TEXT NOT NULL,
    state TEXT NOT NULL                          -- announced, then signing
);

-- UnionPay's online gateway: a third, with members (acquirers, merchants, platforms) of its own.
CREATE TABLE IF NOT EXISTS up_members (
    member TEXT PRIMARY KEY,                     -- acqInsCode, or the merchant's own number
    cert_id TEXT NOT NULL, public_key TEXT NOT NULL, secret TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS up_merchants (
    mer_id TEXT PRIMARY KEY, member TEXT NOT NULL REFERENCES up_members, name TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0), terminal TEXT NOT NULL, mcc TEXT NOT NULL
);

-- Every transaction, payments and refunds alike; one (merchant, order, time) is one transaction.
CREATE TABLE IF NOT EXISTS up_transactions (
    query_id TEXT PRIMARY KEY, mer_id TEXT NOT NULL REFERENCES up_merchants, order_id TEXT NOT NULL,
    txn_time TEXT NOT NULL, txn_type TEXT NOT NULL, trace_no TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0), card TEXT NOT NULL,
    of_query_id TEXT NOT NULL DEFAULT '',        -- of a refund: its payment
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
    at INTEGER NOT NULL, settles_at INTEGER NOT NULL, settle_date TEXT NOT NULL,
    UNIQUE (mer_id, order_id, txn_time)
);
CREATE INDEX IF NOT EXISTS up_transactions_day ON up_transactions (mer_id, settle_date);

-- A bank that speaks the acquirers' interface: its merchants, payments and refunds.
CREATE TABLE IF NOT EXISTS aq_banks (
    id TEXT PRIMARY KEY, key_id TEXT NOT NULL, public_key TEXT NOT NULL, algorithm TEXT NOT NULL,
    own_algorithm TEXT NOT NULL, house TEXT NOT NULL, pushes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS aq_merchants (
    bank TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL, balance INTEGER NOT NULL CHECK (balance >= 0),
    allows INTEGER NOT NULL, PRIMARY KEY (bank, number)
);
CREATE TABLE IF NOT EXISTS aq_payments (
    bank TEXT NOT NULL, payment TEXT NOT NULL, merchant TEXT NOT NULL, terminal TEXT NOT NULL,
    order_no TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount), paid_at INTEGER NOT NULL,
    PRIMARY KEY (bank, payment)
);
CREATE TABLE IF NOT EXISTS aq_refunds (
    bank TEXT NOT NULL, key TEXT NOT NULL, payment TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    at INTEGER NOT NULL, settles_at INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bank, key)
);
-- The national 12315 platform: cities by the name of their key, and what they handed over, each key once.
CREATE TABLE IF NOT EXISTS nat_cities (
    id TEXT PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, public_key TEXT NOT NULL, algorithm TEXT NOT NULL,
    own_algorithm TEXT NOT NULL, holds INTEGER NOT NULL    -- whether a person there has to confirm each receipt
);
CREATE TABLE IF NOT EXISTS nat_handoffs (
    city TEXT NOT NULL REFERENCES nat_cities, key TEXT NOT NULL, sha256 TEXT NOT NULL, package TEXT NOT NULL,
    state TEXT NOT NULL, number TEXT NOT NULL DEFAULT '', came_at INTEGER NOT NULL, received_at INTEGER,
    accepted_at INTEGER, code TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '',
    settled INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (city, key)
);
CREATE TABLE IF NOT EXISTS aq_nonces (bank TEXT NOT NULL, nonce TEXT NOT NULL, PRIMARY KEY (bank, nonce));
CREATE TABLE IF NOT EXISTS aq_asked (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT NOT NULL, purpose TEXT NOT NULL, dispute TEXT NOT NULL,
    at INTEGER NOT NULL
);
