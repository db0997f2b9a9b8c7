DROP INDEX `jobs_state`;--> statement-breakpoint
CREATE INDEX `jobs_since` ON `jobs` (`state_since`);--> statement-breakpoint
CREATE INDEX `jobs_created` ON `jobs` (`created_at`);--> statement-breakpoint
CREATE INDEX `jobs_name` ON `jobs` (`name`);--> statement-breakpoint
CREATE INDEX `jobs_size` ON `jobs` (`size_bytes`);--> statement-breakpoint
CREATE INDEX `jobs_option` ON `jobs` (`option`);--> statement-breakpoint
CREATE INDEX `jobs_type` ON `jobs` (`type`);--> statement-breakpoint
CREATE INDEX `jobs_outcome` ON `jobs` (`outcome`);--> statement-breakpoint
CREATE INDEX `jobs_copy` ON `jobs` (`copy_phase`);--> statement-breakpoint
CREATE INDEX `jobs_store` ON `jobs` (`store_id`);--> statement-breakpoint
CREATE INDEX `jobs_bucket` ON `jobs` (`bucket`);--> statement-breakpoint
CREATE INDEX `jobs_device` ON `jobs` (`device_id`);--> statement-breakpoint
CREATE INDEX `jobs_created_by` ON `jobs` (`created_by`);--> statement-breakpoint
CREATE INDEX `jobs_state` ON `jobs` (`state`,`state_since`);--> statement-breakpoint
CREATE INDEX `incidents_open` ON `incidents` (`job_id`) WHERE resolved_at is null;--> statement-breakpoint
CREATE VIRTUAL TABLE `jobs_search` USING fts5(name, id, device_id, bucket, content='jobs', content_rowid='seq', tokenize='trigram');--> statement-breakpoint
INSERT INTO jobs_search(jobs_search) VALUES ('rebuild');--> statement-breakpoint
CREATE TRIGGER `jobs_search_insert` AFTER INSERT ON `jobs` BEGIN
  INSERT INTO jobs_search(rowid, name, id, device_id, bucket) VALUES (new.seq, new.name, new.id, new.device_id, new.bucket);
END;--> statement-breakpoint
CREATE TRIGGER `jobs_search_update` AFTER UPDATE OF `name`, `id`, `device_id`, `bucket` ON `jobs` BEGIN
  INSERT INTO jobs_search(jobs_search, rowid, name, id, device_id, bucket) VALUES ('delete', old.seq, old.name, old.id, old.device_id, old.bucket);
  INSERT INTO jobs_search(rowid, name, id, device_id, bucket) VALUES (new.seq, new.name, new.id, new.device_id, new.bucket);
END;--> statement-breakpoint
CREATE TRIGGER `jobs_search_delete` AFTER DELETE ON `jobs` BEGIN
  INSERT INTO jobs_search(jobs_search, rowid, name, id, device_id, bucket) VALUES ('delete', old.seq, old.name, old.id, old.device_id, old.bucket);
END;
