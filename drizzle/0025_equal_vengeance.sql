ALTER TABLE `jobs` ADD `include_reports` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `jobs` ADD `range_sum` text;--> statement-breakpoint
ALTER TABLE `stores` ADD `settings` text;