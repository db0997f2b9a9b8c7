-- The custody log only grows: what was written cannot be changed or taken out through the database.
CREATE TRIGGER `custody_no_update` BEFORE UPDATE ON `custody`
BEGIN
  SELECT RAISE(ABORT, 'the custody log is append-only');
END;
--> statement-breakpoint
CREATE TRIGGER `custody_no_delete` BEFORE DELETE ON `custody`
BEGIN
  SELECT RAISE(ABORT, 'the custody log is append-only');
END;
