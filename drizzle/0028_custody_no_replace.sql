-- INSERT OR REPLACE removes the row in the way without firing its DELETE trigger (https://sqlite.org/lang_conflict.html).
CREATE TRIGGER `custody_no_replace` BEFORE INSERT ON `custody`
WHEN EXISTS (SELECT 1 FROM `custody` WHERE `seq` = new.`seq`)
BEGIN
  SELECT RAISE(ABORT, 'the custody log is append-only');
END;
--> statement-breakpoint
CREATE TRIGGER `custody_heads_no_replace` BEFORE INSERT ON `custody_heads`
WHEN EXISTS (SELECT 1 FROM `custody_heads` WHERE `seq` = new.`seq`)
BEGIN
  SELECT RAISE(ABORT, 'signed heads of the custody log are append-only');
END;
