CREATE TABLE `progress_samples` (
	`job_id` text NOT NULL,
	`phase` text NOT NULL,
	`slot` integer NOT NULL,
	`step_ms` integer NOT NULL,
	`at` text NOT NULL,
	`objects` integer NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`job_id`, `phase`, `slot`)
);
