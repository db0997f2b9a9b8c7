CREATE TABLE `operation_news` (
	`job_id` text NOT NULL,
	`operation` text NOT NULL,
	`state` text NOT NULL,
	`attempt` integer NOT NULL,
	`waiting_for` text,
	`code` text,
	`message` text,
	`retry_at` text,
	`at` text NOT NULL,
	PRIMARY KEY(`job_id`, `operation`)
);
