-- A store of revision 0002 as an early version wrote it; its root key has the bytes 0 to 31.
-- Every later version must take it over.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE audit_entries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	request_id VARCHAR(64) NOT NULL, 
	principal VARCHAR(255) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	rule VARCHAR(255) NOT NULL, 
	reason TEXT, 
	reference VARCHAR(300) NOT NULL, 
	secret_uid BLOB, 
	secret_name VARCHAR(255), 
	version INTEGER, 
	digest VARCHAR(64)
);
INSERT INTO "audit_entries" VALUES(1,'2026-11-24 06:38:03.737938','19a516c9b188edde','local','127.0.0.1','secrets.create','done','local mode',NULL,'id 1',X'4F5D364DDA7D6B4C222716D105828156','app/db',1,'824f7427598234f60507f334bbce87ae06d69a26ade664762088c908a94c6c39');
INSERT INTO "audit_entries" VALUES(2,'2026-11-24 06:38:03.757344','8f8d4ef7c009bc15','local','127.0.0.1','secrets.update','done','local mode',NULL,'id 1',X'4F5D364DDA7D6B4C222716D105828156','app/db',2,'91015cf84ce9da3c9ce168ac3ff14233f134b7da7ec59a956df100d1756320df');
INSERT INTO "audit_entries" VALUES(3,'2026-11-24 06:38:03.774976','6b94beacba42e4a2','local','127.0.0.1','secrets.create','done','local mode',NULL,'id 2',X'5A6CE0785D0764F9412789B862CABC67','deleted',1,'fc41cd61f1ef519d1287ea85cf7bf06a8d724d5a15c0a7304397ad73403353f4');
INSERT INTO "audit_entries" VALUES(4,'2026-11-24 06:38:03.787704','eddfe6bc95c74e9f','local','127.0.0.1','secrets.delete','done','local mode',NULL,'id 2',X'5A6CE0785D0764F9412789B862CABC67','deleted',1,'fc41cd61f1ef519d1287ea85cf7bf06a8d724d5a15c0a7304397ad73403353f4');
INSERT INTO "audit_entries" VALUES(5,'2026-11-24 06:38:03.798717','bf2b805edf3b4db5','local','127.0.0.1','secrets.create','done','local mode',NULL,'id 3',X'886EB9626986E3CA49A8C1FB49D2B585','ünïcödé/🗝',1,'cd55726fd6ee29d8922197273c3fd6d6b62b648ee562445165f8aa75c35b178b');
INSERT INTO "audit_entries" VALUES(6,'2026-11-24 06:38:03.808630','f73998d4af639c86','local','127.0.0.1','secrets.reveal','done','local mode',NULL,'id 1',X'4F5D364DDA7D6B4C222716D105828156','app/db',2,NULL);
INSERT INTO "audit_entries" VALUES(7,'2026-11-24 06:38:03.818301','af36e4f04a8f1b86','local','127.0.0.1','secrets.read','refused','-','no such secret','id 9',NULL,NULL,NULL,NULL);
CREATE TABLE data_keys (
	id VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	wrapped TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_data_keys PRIMARY KEY (id)
);
INSERT INTO "data_keys" VALUES('c7c2d4673d037436','active','rk1:s3O1vdYV0pkCZrd2eJO1SdVb6fW_DuOE1W1OEK19o2uPracvuuSO8oaCEvFQXgFI-OUEYBwOJYY2uv-h','2026-11-24 06:38:01.588739');
CREATE TABLE secret_tags (
	secret_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	value VARCHAR(256) NOT NULL, 
	CONSTRAINT pk_secret_tags PRIMARY KEY (secret_id, "key"), 
	CONSTRAINT fk_secret_tags_secret_id FOREIGN KEY(secret_id) REFERENCES secrets (id) ON DELETE CASCADE
);
INSERT INTO "secret_tags" VALUES(1,'env','prod');
CREATE TABLE secret_versions (
	secret_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	encrypted_value TEXT, 
	created_at DATETIME NOT NULL, 
	destroyed_at DATETIME, 
	CONSTRAINT pk_secret_versions PRIMARY KEY (secret_id, version), 
	CONSTRAINT fk_secret_versions_secret_id FOREIGN KEY(secret_id) REFERENCES secrets (id) ON DELETE CASCADE
);
INSERT INTO "secret_versions" VALUES(1,1,'sr1:c7c2d4673d037436:fernet:gAAAAABrBTDLA1Yq_G8OY5EOoiHtnNZ_mgIw2R9G9HGv3QhUvi_fZLJT4e2GmKe9Wdu0Fd54wVmXELrPhVMsDxueuhvgtnRqfA==','2026-11-24 06:38:03.731402',NULL);
CREATE TABLE secrets (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(255) NOT NULL, 
	description TEXT, 
	encrypted_value TEXT NOT NULL, 
	created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, 
	updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, 
	uid BLOB NOT NULL, 
	tags TEXT NOT NULL, 
	search_text TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	value_set_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	last_read_at DATETIME, 
	deleted_at DATETIME, 
	CONSTRAINT uq_secrets_uid UNIQUE (uid)
);
INSERT INTO "secrets" VALUES(1,'app/db','the database','sr1:c7c2d4673d037436:fernet:gAAAAABrBTDLtHWVZ8uBoDNn0NnhoMoiib6Cpu-wl-U55rTCgavyNGnQZ455AAuV2Gecv5KTlyO1st6rosK_xz7LE-anlttaQg==','2026-11-24 06:38:03.731402','2026-11-24 06:38:03.754345',X'4F5D364DDA7D6B4C222716D105828156','{"env":"prod"}','app/dbthe database',2,2,'2026-11-24 06:38:03.754345',NULL,'2026-11-24 06:38:03.808893',NULL);
INSERT INTO "secrets" VALUES(2,'deleted',NULL,'sr1:c7c2d4673d037436:fernet:gAAAAABrBTDLh6gVE0Qev2jbiFNQY5k-HRrDO7pv0MxmDR42V7_aWmTEJJf0Aib2Do6MqqtD08hP6FtGVNzh5f7fMcJHhC79fw==','2026-11-24 06:38:03.773482','2026-11-24 06:38:03.787450',X'5A6CE0785D0764F9412789B862CABC67','{}','deleted',1,2,'2026-11-24 06:38:03.773482',NULL,NULL,'2026-11-24 06:38:03.787450');
INSERT INTO "secrets" VALUES(3,'ünïcödé/🗝',NULL,'sr1:c7c2d4673d037436:fernet:gAAAAABrBTDLzRs2jsymnWyNeQSZkAlgT63L-VSf6L9aUNvHCZ-aJGCBEtQY7z83Yw8ZE0lv4jN9CpBi8CIHKuJqQ-yBEwDqRg==','2026-11-24 06:38:03.797867','2026-11-24 06:38:03.797867',X'886EB9626986E3CA49A8C1FB49D2B585','{}','ünïcödé/🗝',1,1,'2026-11-24 06:38:03.797867','2099-01-01 00:00:00.000000',NULL,NULL);
CREATE UNIQUE INDEX uq_secrets_living_name ON secrets (name) WHERE deleted_at IS NULL;
CREATE INDEX ix_secrets_deleted_at ON secrets (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_secret_tags_key_value ON secret_tags ("key", value, secret_id);
CREATE UNIQUE INDEX uq_data_keys_active ON data_keys (state) WHERE state = 'active';
INSERT INTO "sqlite_sequence" VALUES('secrets',3);
INSERT INTO "sqlite_sequence" VALUES('audit_entries',7);
COMMIT;
