CREATE TABLE `disk_orders` (
	`job_id` text PRIMARY KEY NOT NULL,
	`manifest` text NOT NULL,
	`signature_file` text,
	`log_store_id` text NOT NULL,
	`log_bucket` text NOT NULL,
	`log_key` text NOT NULL
);
