CREATE TABLE `job_evidence` (
	`job_id` text PRIMARY KEY NOT NULL,
	`failure_list` text,
	`report_attempts` integer DEFAULT 0 NOT NULL,
	`retry_requested` text,
	`accepted_losses` text,
	`restore_confirmed` text,
	`erase_allowed` text,
	`begun_erasing` text,
	`erasure` text
);
--> statement-breakpoint
ALTER TABLE `jobs` ADD `overwrite_policy` text DEFAULT 'never' NOT NULL;