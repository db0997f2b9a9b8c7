CREATE TABLE `access_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`name` text NOT NULL,
	`wrapped_secret` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text,
	`revoked_at` text
);
--> statement-breakpoint
CREATE INDEX `access_keys_person` ON `access_keys` (`person_id`);--> statement-breakpoint
CREATE TABLE `aws_clusters` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`request` text NOT NULL,
	`cancelled_at` text,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `aws_clusters_id` ON `aws_clusters` (`id`);--> statement-breakpoint
CREATE TABLE `aws_exports` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`after_job` integer NOT NULL,
	`request` text NOT NULL,
	`template` text NOT NULL,
	`state` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `aws_exports_id` ON `aws_exports` (`id`);--> statement-breakpoint
CREATE TABLE `aws_jobs` (
	`job_id` text PRIMARY KEY NOT NULL,
	`request` text NOT NULL,
	`cluster_id` text,
	`export_id` text,
	`part` integer,
	`label_made_at` text
);
--> statement-breakpoint
CREATE INDEX `aws_jobs_cluster` ON `aws_jobs` (`cluster_id`);--> statement-breakpoint
CREATE INDEX `aws_jobs_export` ON `aws_jobs` (`export_id`,`part`);--> statement-breakpoint
CREATE TABLE `disk_orders` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text NOT NULL,
	`job_id` text NOT NULL,
	`manifest` text NOT NULL,
	`signature_file` text,
	`log_bucket` text,
	`log_prefix` text NOT NULL,
	`log_key` text,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `disk_orders_code` ON `disk_orders` (`code`);--> statement-breakpoint
CREATE UNIQUE INDEX `disk_orders_job` ON `disk_orders` (`job_id`);--> statement-breakpoint
CREATE TABLE `used_signatures` (
	`signature` text PRIMARY KEY NOT NULL,
	`until_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_signatures_until` ON `used_signatures` (`until_ms`);