CREATE TABLE `job_functions` (
	`sha256` text NOT NULL,
	`job_id` text NOT NULL,
	PRIMARY KEY(`sha256`, `job_id`)
);
--> statement-breakpoint
CREATE INDEX `job_functions_job` ON `job_functions` (`job_id`);