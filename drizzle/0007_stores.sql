CREATE TABLE `store_endpoints` (
	`store_id` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL,
	`wrapped_credentials` text NOT NULL,
	`changed_at` text NOT NULL,
	FOREIGN KEY (`store_id`) REFERENCES `stores`(`id`) ON UPDATE no action ON DELETE no action
);
