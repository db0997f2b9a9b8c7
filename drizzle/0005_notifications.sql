CREATE TABLE `notification_attempts` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`message_id` text NOT NULL,
	`at` text NOT NULL,
	`status` integer,
	`error` text,
	`milliseconds` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `notification_attempts_message` ON `notification_attempts` (`message_id`,`seq`);--> statement-breakpoint
CREATE TABLE `notification_outbox` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`target_id` text NOT NULL,
	`job_id` text,
	`type` text NOT NULL,
	`data` text NOT NULL,
	`created_at` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_ms` integer NOT NULL,
	`lease_ms` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`target_id`) REFERENCES `notification_targets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notification_outbox_id` ON `notification_outbox` (`id`);--> statement-breakpoint
CREATE INDEX `notification_outbox_due` ON `notification_outbox` (`state`,`next_ms`);--> statement-breakpoint
CREATE INDEX `notification_outbox_target` ON `notification_outbox` (`target_id`,`seq`);--> statement-breakpoint
CREATE TABLE `notification_targets` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`address` text NOT NULL,
	`wrapped_secret` text,
	`every_job` integer NOT NULL,
	`notify_all` integer NOT NULL,
	`states` text NOT NULL,
	`attention` integer NOT NULL,
	`created_at` text NOT NULL,
	`failing_since` text,
	`disabled_at` text,
	`disabled_why` text,
	`removed_at` text
);
--> statement-breakpoint
ALTER TABLE `jobs` ADD `notification` text;