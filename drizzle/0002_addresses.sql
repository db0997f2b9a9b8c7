CREATE TABLE `addresses` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`company` text NOT NULL,
	`street1` text NOT NULL,
	`street2` text NOT NULL,
	`street3` text NOT NULL,
	`city` text NOT NULL,
	`state_or_province` text NOT NULL,
	`prefecture_or_district` text NOT NULL,
	`landmark` text NOT NULL,
	`country` text NOT NULL,
	`postal_code` text NOT NULL,
	`phone_number` text NOT NULL,
	`is_restricted` integer NOT NULL,
	`type` text NOT NULL,
	`created_at` text NOT NULL,
	`archived_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `addresses_id_unique` ON `addresses` (`id`);--> statement-breakpoint
CREATE INDEX `addresses_archived` ON `addresses` (`archived_at`,`seq`);--> statement-breakpoint
ALTER TABLE `jobs` ADD `address_id` text REFERENCES addresses(id);--> statement-breakpoint
ALTER TABLE `shipments` ADD `destination` text;