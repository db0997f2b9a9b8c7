-- Signed heads are kept as they were signed: none is changed or taken out through the database.
CREATE TRIGGER `custody_heads_no_update` BEFORE UPDATE ON `custody_heads`
BEGIN
  SELECT RAISE(ABORT, 'signed heads of the custody log are append-only');
END;
--> statement-breakpoint
CREATE TRIGGER `custody_heads_no_delete` BEFORE DELETE ON `custody_heads`
BEGIN
  SELECT RAISE(ABORT, 'signed heads of the custody log are append-only');
END;
