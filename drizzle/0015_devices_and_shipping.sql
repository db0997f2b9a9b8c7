ALTER TABLE `jobs` ADD `shipping_service` text;--> statement-breakpoint
CREATE INDEX `custody_device` ON `custody` (`device_id`,`seq`);