CREATE TABLE `bucket_markers` (
	`store_id` text NOT NULL,
	`bucket` text NOT NULL,
	`marker` text NOT NULL,
	`noted_at` text NOT NULL,
	PRIMARY KEY(`store_id`, `bucket`),
	FOREIGN KEY (`store_id`) REFERENCES `stores`(`id`) ON UPDATE no action ON DELETE no action
);
