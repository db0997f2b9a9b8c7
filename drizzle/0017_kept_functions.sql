CREATE TABLE `kept_functions` (
	`name` text PRIMARY KEY NOT NULL,
	`sha256` text NOT NULL,
	`step` text NOT NULL,
	`changed_by` text NOT NULL,
	`changed_at` text NOT NULL
);
