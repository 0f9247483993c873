-- Money given back for a sale that was paid goes against refunds, contra revenue: the sale stands.
-- A reversal that came before the news of the payment is undone by a reinstatement.

ALTER TABLE ledger_entries
  DROP CONSTRAINT ledger_entries_kind_check,
  ADD CONSTRAINT ledger_entries_kind_check
    CHECK (kind IN ('sale', 'settlement', 'reversal', 'reinstatement', 'refund'));

ALTER TABLE ledger_postings
  DROP CONSTRAINT ledger_postings_account_check,
  ADD CONSTRAINT ledger_postings_account_check
    CHECK (account IN ('receivable', 'revenue', 'refunds', 'cash'));
