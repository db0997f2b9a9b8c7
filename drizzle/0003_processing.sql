ALTER TABLE `jobs` ADD `processing` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `processing_results` text;