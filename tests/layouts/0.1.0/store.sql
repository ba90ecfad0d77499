BEGIN TRANSACTION;
CREATE TABLE accepted (
	collection TEXT NOT NULL, 
	class TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	field TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	accepted_at TEXT DEFAULT '' NOT NULL, 
	return_id TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_accepted PRIMARY KEY (collection, class, adno, subject, field)
);
CREATE TABLE accepted_before (
	id INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	collection TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	field TEXT DEFAULT '' NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	accepted_at TEXT DEFAULT '' NOT NULL, 
	return_id TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_accepted_before PRIMARY KEY (id)
);
CREATE TABLE actions (
	collection TEXT NOT NULL, 
	pack TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	issue TEXT DEFAULT '' NOT NULL, 
	action TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	by_when TEXT DEFAULT '' NOT NULL, 
	how_known TEXT DEFAULT '' NOT NULL, 
	entered_at TEXT DEFAULT '' NOT NULL, 
	entered_by TEXT DEFAULT '' NOT NULL, subject TEXT DEFAULT '' NOT NULL, why TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_actions PRIMARY KEY (collection, pack, line)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE classes (
	academic_year TEXT NOT NULL, 
	class TEXT NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	year INTEGER, 
	teachers TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_classes PRIMARY KEY (academic_year, class)
);
INSERT INTO "classes" VALUES('2026/27','10x/Ma1','Mathematics',10,'ABA');
INSERT INTO "classes" VALUES('2026/27','10x/En1','English (Language and Literature)',10,'COH;ABA');
INSERT INTO "classes" VALUES('2026/27','10y/Ma2','Mathematics',10,'COH');
INSERT INTO "classes" VALUES('2026/27','10x/Sc1','Dual Science',10,'');
CREATE TABLE collections (
	code TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	opens TEXT DEFAULT '' NOT NULL, 
	closes TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_collections PRIMARY KEY (code)
);
INSERT INTO "collections" VALUES('AUT','2026/27','Autumn','2026-10-12','2026-10-23');
INSERT INTO "collections" VALUES('NOV','2026/27','November','2026-10-12','2026-11-20');
CREATE TABLE history (
	id INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	collection TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	field TEXT DEFAULT '' NOT NULL, 
	old TEXT DEFAULT '' NOT NULL, 
	new TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	return_id TEXT DEFAULT '' NOT NULL, 
	source_file TEXT DEFAULT '' NOT NULL, 
	source_cell TEXT DEFAULT '' NOT NULL, 
	merged_at TEXT DEFAULT '' NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id)
);
CREATE TABLE indicators (
	academic_year TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	name TEXT NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_indicators PRIMARY KEY (academic_year, adno, name)
);
CREATE TABLE interventions (
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	what TEXT NOT NULL, 
	"from" TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	department_or_pastoral TEXT DEFAULT '' NOT NULL, 
	until TEXT DEFAULT '' NOT NULL, 
	pupil_view TEXT DEFAULT '' NOT NULL, 
	parent_view TEXT DEFAULT '' NOT NULL, 
	ended_because TEXT DEFAULT '' NOT NULL, 
	source_file TEXT DEFAULT '' NOT NULL, 
	entered_at TEXT DEFAULT '' NOT NULL, 
	entered_by TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_interventions PRIMARY KEY (adno, subject, what, "from")
);
CREATE TABLE issued_rows (
	issue_id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	target TEXT, 
	aspirational TEXT, 
	locked TEXT DEFAULT '' NOT NULL, 
	stamped TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_issued_rows PRIMARY KEY (issue_id, subject, adno), 
	CONSTRAINT fk_issued_rows_issue_id_issues FOREIGN KEY(issue_id) REFERENCES issues (issue_id)
);
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000101','2026/27','4','5','{"Adno":"000101","Surname":"Adeyemi","Forename":"Tunde","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"101","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000102','2026/27','7','8','{"Adno":"000102","Surname":"Brown","Forename":"Alice","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"110","Target":"7","Aspirational":"8"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000103','2026/27','3','4','{"Adno":"000103","Surname":"Brown","Forename":"Alice","Reg":"10B","PP":"","SEN":"K","EAL":"","Prior":"95","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000104','2026/27','4','4','{"Adno":"000104","Surname":"Khan","Forename":"Zara","Reg":"10A","PP":"","SEN":"","EAL":"Y","Prior":"99","Target":"4","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000105','2026/27','6','7','{"Adno":"000105","Surname":"Łukasz","Forename":"Jan","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"108","Target":"6","Aspirational":"7"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000106','2026/27','3','4','{"Adno":"000106","Surname":"May","Forename":"April","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"93","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000107','2026/27','9','9','{"Adno":"000107","Surname":"Nguyễn","Forename":"Minh","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"118","Target":"9","Aspirational":"9"}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000108','2026/27',NULL,NULL,'{"Adno":"000108","Surname":"Null","Forename":"Oscar","Reg":"10A","PP":"","SEN":"E","EAL":"","Prior":"","Target":"","Aspirational":""}','{}');
INSERT INTO "issued_rows" VALUES('mb202adda4f8873a78','Mathematics','000109','2026/27','4','5','{"Adno":"000109","Surname":"O''Neill","Forename":"Siobhán","Reg":"10B","PP":"Y","SEN":"","EAL":"","Prior":"100","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000104','2026/27','5','6','{"Adno":"000104","Surname":"Khan","Forename":"Zara","Reg":"10A","PP":"","SEN":"","EAL":"Y","Prior":"104","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000105','2026/27','3','3','{"Adno":"000105","Surname":"Łukasz","Forename":"Jan","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"88","Target":"3","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000106','2026/27','3','4','{"Adno":"000106","Surname":"May","Forename":"April","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"95","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000107','2026/27','4','5','{"Adno":"000107","Surname":"Nguyễn","Forename":"Minh","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"101","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000108','2026/27',NULL,NULL,'{"Adno":"000108","Surname":"Null","Forename":"Oscar","Reg":"10A","PP":"","SEN":"E","EAL":"","Prior":"","Target":"","Aspirational":""}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000109','2026/27','5','6','{"Adno":"000109","Surname":"O''Neill","Forename":"Siobhán","Reg":"10B","PP":"Y","SEN":"","EAL":"","Prior":"106","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000110','2026/27','6','7','{"Adno":"000110","Surname":"Patel","Forename":"Dev","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"109","Target":"6","Aspirational":"7"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000111','2026/27','2','3','{"Adno":"000111","Surname":"True","Forename":"Grace","Reg":"10B","PP":"","SEN":"","EAL":"","Prior":"79","Target":"2","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Language','000112','2026/27','4','5','{"Adno":"000112","Surname":"van-der-Berg","Forename":"Lotte","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"100","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000104','2026/27','5','6','{"Adno":"000104","Surname":"Khan","Forename":"Zara","Reg":"10A","PP":"","SEN":"","EAL":"Y","Prior":"104","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000105','2026/27','2','3','{"Adno":"000105","Surname":"Łukasz","Forename":"Jan","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"88","Target":"2","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000106','2026/27','3','4','{"Adno":"000106","Surname":"May","Forename":"April","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"95","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000107','2026/27','4','5','{"Adno":"000107","Surname":"Nguyễn","Forename":"Minh","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"101","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000108','2026/27',NULL,NULL,'{"Adno":"000108","Surname":"Null","Forename":"Oscar","Reg":"10A","PP":"","SEN":"E","EAL":"","Prior":"","Target":"","Aspirational":""}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000109','2026/27','5','6','{"Adno":"000109","Surname":"O''Neill","Forename":"Siobhán","Reg":"10B","PP":"Y","SEN":"","EAL":"","Prior":"106","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000110','2026/27','6','7','{"Adno":"000110","Surname":"Patel","Forename":"Dev","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"109","Target":"6","Aspirational":"7"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000111','2026/27','2','3','{"Adno":"000111","Surname":"True","Forename":"Grace","Reg":"10B","PP":"","SEN":"","EAL":"","Prior":"79","Target":"2","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb161554da38a19c20','English Literature','000112','2026/27','4','5','{"Adno":"000112","Surname":"van-der-Berg","Forename":"Lotte","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"100","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb00ec35b7337f8b5d','Mathematics','000110','2026/27','8','9','{"Adno":"000110","Surname":"Patel","Forename":"Dev","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"115","Target":"8","Aspirational":"9"}','{}');
INSERT INTO "issued_rows" VALUES('mb00ec35b7337f8b5d','Mathematics','000111','2026/27','2','2','{"Adno":"000111","Surname":"True","Forename":"Grace","Reg":"10B","PP":"","SEN":"","EAL":"","Prior":"85","Target":"2","Aspirational":"2"}','{}');
INSERT INTO "issued_rows" VALUES('mb00ec35b7337f8b5d','Mathematics','000112','2026/27','4','5','{"Adno":"000112","Surname":"van-der-Berg","Forename":"Lotte","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"102","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mbbb1f6eb0aae37971','Dual Science','000101','2026/27','4-3','4-4','{"Adno":"000101","Surname":"Adeyemi","Forename":"Tunde","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"99","Target":"4-3","Aspirational":"4-4"}','{}');
INSERT INTO "issued_rows" VALUES('mbbb1f6eb0aae37971','Dual Science','000102','2026/27','6-6','7-7','{"Adno":"000102","Surname":"Brown","Forename":"Alice","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"111.5","Target":"6-6","Aspirational":"7-7"}','{}');
INSERT INTO "issued_rows" VALUES('mbbb1f6eb0aae37971','Dual Science','000103','2026/27','3-3','4-3','{"Adno":"000103","Surname":"Brown","Forename":"Alice","Reg":"10B","PP":"","SEN":"K","EAL":"","Prior":"93.5","Target":"3-3","Aspirational":"4-3"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000101','2026/27','4','5','{"Adno":"000101","Surname":"Adeyemi","Forename":"Tunde","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"101","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000102','2026/27','7','8','{"Adno":"000102","Surname":"Brown","Forename":"Alice","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"110","Target":"7","Aspirational":"8"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000103','2026/27','3','4','{"Adno":"000103","Surname":"Brown","Forename":"Alice","Reg":"10B","PP":"","SEN":"K","EAL":"","Prior":"95","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000104','2026/27','4','4','{"Adno":"000104","Surname":"Khan","Forename":"Zara","Reg":"10A","PP":"","SEN":"","EAL":"Y","Prior":"99","Target":"4","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000105','2026/27','6','7','{"Adno":"000105","Surname":"Łukasz","Forename":"Jan","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"108","Target":"6","Aspirational":"7"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000106','2026/27','3','4','{"Adno":"000106","Surname":"May","Forename":"April","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"93","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000107','2026/27','9','9','{"Adno":"000107","Surname":"Nguyễn","Forename":"Minh","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"118","Target":"9","Aspirational":"9"}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000108','2026/27',NULL,NULL,'{"Adno":"000108","Surname":"Null","Forename":"Oscar","Reg":"10A","PP":"","SEN":"E","EAL":"","Prior":"","Target":"","Aspirational":""}','{}');
INSERT INTO "issued_rows" VALUES('mbd14026924683e213','Mathematics','000109','2026/27','4','5','{"Adno":"000109","Surname":"O''Neill","Forename":"Siobhán","Reg":"10B","PP":"Y","SEN":"","EAL":"","Prior":"100","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000104','2026/27','5','6','{"Adno":"000104","Surname":"Khan","Forename":"Zara","Reg":"10A","PP":"","SEN":"","EAL":"Y","Prior":"104","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000105','2026/27','3','3','{"Adno":"000105","Surname":"Łukasz","Forename":"Jan","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"88","Target":"3","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000106','2026/27','3','4','{"Adno":"000106","Surname":"May","Forename":"April","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"95","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000107','2026/27','4','5','{"Adno":"000107","Surname":"Nguyễn","Forename":"Minh","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"101","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000108','2026/27',NULL,NULL,'{"Adno":"000108","Surname":"Null","Forename":"Oscar","Reg":"10A","PP":"","SEN":"E","EAL":"","Prior":"","Target":"","Aspirational":""}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000109','2026/27','5','6','{"Adno":"000109","Surname":"O''Neill","Forename":"Siobhán","Reg":"10B","PP":"Y","SEN":"","EAL":"","Prior":"106","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000110','2026/27','6','7','{"Adno":"000110","Surname":"Patel","Forename":"Dev","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"109","Target":"6","Aspirational":"7"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000111','2026/27','2','3','{"Adno":"000111","Surname":"True","Forename":"Grace","Reg":"10B","PP":"","SEN":"","EAL":"","Prior":"79","Target":"2","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Language','000112','2026/27','4','5','{"Adno":"000112","Surname":"van-der-Berg","Forename":"Lotte","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"100","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000104','2026/27','5','6','{"Adno":"000104","Surname":"Khan","Forename":"Zara","Reg":"10A","PP":"","SEN":"","EAL":"Y","Prior":"104","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000105','2026/27','2','3','{"Adno":"000105","Surname":"Łukasz","Forename":"Jan","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"88","Target":"2","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000106','2026/27','3','4','{"Adno":"000106","Surname":"May","Forename":"April","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"95","Target":"3","Aspirational":"4"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000107','2026/27','4','5','{"Adno":"000107","Surname":"Nguyễn","Forename":"Minh","Reg":"10B","PP":"","SEN":"","EAL":"Y","Prior":"101","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000108','2026/27',NULL,NULL,'{"Adno":"000108","Surname":"Null","Forename":"Oscar","Reg":"10A","PP":"","SEN":"E","EAL":"","Prior":"","Target":"","Aspirational":""}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000109','2026/27','5','6','{"Adno":"000109","Surname":"O''Neill","Forename":"Siobhán","Reg":"10B","PP":"Y","SEN":"","EAL":"","Prior":"106","Target":"5","Aspirational":"6"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000110','2026/27','6','7','{"Adno":"000110","Surname":"Patel","Forename":"Dev","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"109","Target":"6","Aspirational":"7"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000111','2026/27','2','3','{"Adno":"000111","Surname":"True","Forename":"Grace","Reg":"10B","PP":"","SEN":"","EAL":"","Prior":"79","Target":"2","Aspirational":"3"}','{}');
INSERT INTO "issued_rows" VALUES('mb1dce4b3644584917','English Literature','000112','2026/27','4','5','{"Adno":"000112","Surname":"van-der-Berg","Forename":"Lotte","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"100","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb615a0a0a130749f5','Mathematics','000110','2026/27','8','9','{"Adno":"000110","Surname":"Patel","Forename":"Dev","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"115","Target":"8","Aspirational":"9"}','{}');
INSERT INTO "issued_rows" VALUES('mb615a0a0a130749f5','Mathematics','000111','2026/27','2','2','{"Adno":"000111","Surname":"True","Forename":"Grace","Reg":"10B","PP":"","SEN":"","EAL":"","Prior":"85","Target":"2","Aspirational":"2"}','{}');
INSERT INTO "issued_rows" VALUES('mb615a0a0a130749f5','Mathematics','000112','2026/27','4','5','{"Adno":"000112","Surname":"van-der-Berg","Forename":"Lotte","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"102","Target":"4","Aspirational":"5"}','{}');
INSERT INTO "issued_rows" VALUES('mb3f3a162f6cd8b583','Dual Science','000101','2026/27','4-3','4-4','{"Adno":"000101","Surname":"Adeyemi","Forename":"Tunde","Reg":"10A","PP":"Y","SEN":"","EAL":"","Prior":"99","Target":"4-3","Aspirational":"4-4"}','{}');
INSERT INTO "issued_rows" VALUES('mb3f3a162f6cd8b583','Dual Science','000102','2026/27','6-6','7-7','{"Adno":"000102","Surname":"Brown","Forename":"Alice","Reg":"10A","PP":"","SEN":"","EAL":"","Prior":"111.5","Target":"6-6","Aspirational":"7-7"}','{}');
INSERT INTO "issued_rows" VALUES('mb3f3a162f6cd8b583','Dual Science','000103','2026/27','3-3','4-3','{"Adno":"000103","Surname":"Brown","Forename":"Alice","Reg":"10B","PP":"","SEN":"K","EAL":"","Prior":"93.5","Target":"3-3","Aspirational":"4-3"}','{}');
CREATE TABLE issues (
	issue_id TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	collection TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	pupils INTEGER DEFAULT '0' NOT NULL, 
	issued_at TEXT DEFAULT '' NOT NULL, 
	issued_by TEXT DEFAULT '' NOT NULL, 
	layout TEXT DEFAULT '' NOT NULL, 
	digest TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_issues PRIMARY KEY (issue_id)
);
INSERT INTO "issues" VALUES('mb202adda4f8873a78','2026/27','AUT','10x/Ma1','issued/AUT/ABA/10x-Ma1.xlsx',9,'2026-10-14T09:30:00','office','{"sha256":"94f908b7835a1a4c956d10380109ee615bc1e68ec2a3ff260be8f50b922f62c4","sheets":[{"name":"Markbook","subject":"Mathematics","scale":"gcse","style":"grade","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","working_at","prediction","flag","check","reason","effort","praise","comment","target_query","notes"]}]}','12fcbf80ecb7fd7fc0e46b11a2f283f98051950ec69bbd947e9b46eeb1c7134d');
INSERT INTO "issues" VALUES('mb161554da38a19c20','2026/27','AUT','10x/En1','issued/AUT/COH/10x-En1.xlsx',9,'2026-10-14T09:30:00','office','{"sha256":"23c8391f717e81fc1bf455f67d34aa6d66458234effc9ed2b9816492d8070c88","sheets":[{"name":"English Language","subject":"English Language","scale":"gcse","style":"grade","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","working_at","prediction","flag","check","reason","effort","praise","comment","target_query","notes"]},{"name":"English Literature","subject":"English Literature","scale":"gcse","style":"grade","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","working_at","prediction","flag","check","reason","effort","praise","comment","target_query","notes"]}]}','a9fa8811aa67ea6e94f0fc25a859c44206dc0bfc6fc062de423f83688f8e3158');
INSERT INTO "issues" VALUES('mb00ec35b7337f8b5d','2026/27','AUT','10y/Ma2','issued/AUT/COH/10y-Ma2.xlsx',3,'2026-10-14T09:30:00','office','{"sha256":"06bb7bbda26efc758765f1b23a3da8fa1f617d8a27b7a7b0cdbce21dcff59214","sheets":[{"name":"Markbook","subject":"Mathematics","scale":"gcse","style":"grade","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","working_at","prediction","flag","check","reason","effort","praise","comment","target_query","notes"]}]}','84cb95d72f8807a28171989845c08a976c225c161f18ac195fa425b48e1390d1');
INSERT INTO "issues" VALUES('mbbb1f6eb0aae37971','2026/27','AUT','10x/Sc1','issued/AUT/no-teacher/10x-Sc1.xlsx',3,'2026-10-14T09:30:00','office','{"sha256":"1e4f17b6fadeee6ac7f996e3608bd0af941b201b5af84d1962ed129d75e3faaf","sheets":[{"name":"Markbook","subject":"Dual Science","scale":"combined_science","style":"grade","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","working_at","prediction","flag","check","reason","effort","praise","comment","target_query","notes"]}]}','ecd3c946f0be31921ac1130059eb285b78e1bc3d4b393dd890aee4b7212323cb');
INSERT INTO "issues" VALUES('mbd14026924683e213','2026/27','NOV','10x/Ma1','issued/NOV/ABA/10x-Ma1.xlsx',9,'2026-10-14T09:30:00','office','{"sha256":"e947ddedfe58889ee63231ac97f4f9a8746348ca917d185d6547f3e91c6c9fbb","sheets":[{"name":"Markbook","subject":"Mathematics","scale":"gcse","style":"judgement","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","prediction","flag","check","effort","notes"]}]}','3057f0d70c819e1512ce2cab85ad344e4a549b2bca12c80737f63c73614cb61f');
INSERT INTO "issues" VALUES('mb1dce4b3644584917','2026/27','NOV','10x/En1','issued/NOV/COH/10x-En1.xlsx',9,'2026-10-14T09:30:00','office','{"sha256":"083c89c4c762f918c116bc2faf61bc295b9852226613be8a2682bcdcfc23990d","sheets":[{"name":"English Language","subject":"English Language","scale":"gcse","style":"judgement","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","prediction","flag","check","effort","notes"]},{"name":"English Literature","subject":"English Literature","scale":"gcse","style":"judgement","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","prediction","flag","check","effort","notes"]}]}','72fc6a9942ce254083cb6eafcf250e82f988a7099668c7be4371747d79d4edba');
INSERT INTO "issues" VALUES('mb615a0a0a130749f5','2026/27','NOV','10y/Ma2','issued/NOV/COH/10y-Ma2.xlsx',3,'2026-10-14T09:30:00','office','{"sha256":"2037c44c8204f64d95d703a589c9a051e3b4e210a022141f42be93d0deac3a93","sheets":[{"name":"Markbook","subject":"Mathematics","scale":"gcse","style":"judgement","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","prediction","flag","check","effort","notes"]}]}','06fda8739b051f8262cb7195d2d033d52e9624ea3526fc7380ac5a3011ceb5ce');
INSERT INTO "issues" VALUES('mb3f3a162f6cd8b583','2026/27','NOV','10x/Sc1','issued/NOV/no-teacher/10x-Sc1.xlsx',3,'2026-10-14T09:30:00','office','{"sha256":"c616320084a21c97dc34560d41cc75c3bd35babde71cb1f685b2c8d07788076c","sheets":[{"name":"Markbook","subject":"Dual Science","scale":"combined_science","style":"judgement","columns":["adno","surname","forename","reg","group:PP","group:SEN","group:EAL","prior","target","aspirational","prediction","flag","check","effort","notes"]}]}','547e3de026766df08654103135eccad8166336a694a8a6f7a373f54dd00d1333');
CREATE TABLE marks (
	collection TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	field TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	return_id TEXT DEFAULT '' NOT NULL, 
	source_file TEXT DEFAULT '' NOT NULL, 
	source_cell TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	merged_at TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_marks PRIMARY KEY (collection, adno, subject, field)
);
CREATE TABLE memberships (
	academic_year TEXT NOT NULL, 
	class TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	since TEXT DEFAULT '' NOT NULL, 
	until TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_memberships PRIMARY KEY (academic_year, class, adno)
);
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000101','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000102','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000103','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000104','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000105','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000106','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000107','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000108','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Ma1','000109','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000104','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000105','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000106','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000107','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000108','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000109','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000110','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000111','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/En1','000112','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10y/Ma2','000110','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10y/Ma2','000111','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10y/Ma2','000112','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Sc1','000101','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Sc1','000102','2026-10-14','');
INSERT INTO "memberships" VALUES('2026/27','10x/Sc1','000103','2026-10-14','');
CREATE TABLE moderated (
	issue_id TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	version INTEGER DEFAULT '0' NOT NULL, 
	answer INTEGER DEFAULT '0' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	place TEXT DEFAULT '' NOT NULL, 
	applied_at TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_moderated PRIMARY KEY (issue_id, adno, subject)
);
CREATE TABLE moderations (
	issue_id TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	department TEXT DEFAULT '' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	rows INTEGER DEFAULT '0' NOT NULL, 
	written_at TEXT DEFAULT '' NOT NULL, 
	written_by TEXT DEFAULT '' NOT NULL, 
	sha256 TEXT DEFAULT '' NOT NULL, 
	settled_sha256 TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_moderations PRIMARY KEY (issue_id)
);
CREATE TABLE problems (
	id INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	collection TEXT DEFAULT '' NOT NULL, 
	found_at TEXT DEFAULT '' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	sheet TEXT DEFAULT '' NOT NULL, 
	cell TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	severity TEXT DEFAULT '' NOT NULL, 
	code TEXT DEFAULT '' NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	what TEXT DEFAULT '' NOT NULL, 
	do TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_problems PRIMARY KEY (id)
);
INSERT INTO "problems" VALUES(1,'2026/27','','2026-10-14T09:30:00','exports/pupils.csv','','row 6','000105','warning','value-not-recognised','WEEU','''WEEU'' is not an ethnicity code that we know.','Check it; the row is imported all the same.');
CREATE TABLE pupils (
	adno TEXT NOT NULL, 
	upn TEXT DEFAULT '' NOT NULL, 
	surname TEXT DEFAULT '' NOT NULL, 
	forename TEXT DEFAULT '' NOT NULL, 
	sex TEXT DEFAULT '' NOT NULL, 
	year INTEGER, 
	reg TEXT DEFAULT '' NOT NULL, 
	pp TEXT DEFAULT '' NOT NULL, 
	disadvantaged TEXT DEFAULT '' NOT NULL, 
	fsm TEXT DEFAULT '' NOT NULL, 
	sen TEXT DEFAULT '' NOT NULL, 
	eal TEXT DEFAULT '' NOT NULL, 
	ethnicity TEXT DEFAULT '' NOT NULL, 
	lac TEXT DEFAULT '' NOT NULL, 
	ks2_reading TEXT DEFAULT '' NOT NULL, 
	ks2_maths TEXT DEFAULT '' NOT NULL, 
	status TEXT DEFAULT '' NOT NULL, 
	"left" TEXT, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_pupils PRIMARY KEY (adno)
);
INSERT INTO "pupils" VALUES('000101','L801400120001','Adeyemi','Tunde','M',10,'10A','Y','Y','','N','N','BAFR','N','97','101','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000102','A801400120002','Brown','Alice','F',10,'10A','N','N','','N','N','WBRI','N','113','110','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000103','P801400120003','Brown','Alice','F',10,'10B','N','N','','K','N','WBRI','N','92','95','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000104','D801400120004','Khan','Zara','F',10,'10A','N','N','','N','Y','APKN','N','104','99','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000105','T801400120005','Łukasz','Jan','M',10,'10B','N','N','','N','Y','WEEU','N','88','108','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000106','G801400120006','May','April','F',10,'10A','Y','Y','','N','N','WBRI','Y','95','93','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000107','W801400120007','Nguyễn','Minh','M',10,'10B','N','N','','N','Y','OOTH','N','101','118','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000108','K801400120008','Null','Oscar','M',10,'10A','N','N','','E','N','WBRI','N','','','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000109','Z801400120009','O''Neill','Siobhán','F',10,'10B','Y','Y','','N','N','WIRI','N','106','100','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000110','K801400120010','Patel','Dev','M',10,'10A','N','N','','N','N','AIND','N','109','115','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000111','Z801400120011','True','Grace','F',10,'10B','N','N','','N','N','WBRI','N','N','85','',NULL,'2026/27');
INSERT INTO "pupils" VALUES('000112','N801400120012','van-der-Berg','Lotte','F',10,'10A','N','N','','N','N','WOTH','N','100','102','',NULL,'2026/27');
CREATE TABLE result_history (
	id INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	old TEXT DEFAULT '' NOT NULL, 
	new TEXT DEFAULT '' NOT NULL, 
	series TEXT DEFAULT '' NOT NULL, 
	source_file TEXT DEFAULT '' NOT NULL, 
	source_cell TEXT DEFAULT '' NOT NULL, 
	read_at TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_result_history PRIMARY KEY (id)
);
CREATE TABLE results (
	academic_year TEXT NOT NULL, 
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	grade TEXT DEFAULT '' NOT NULL, 
	points INTEGER, 
	scale TEXT DEFAULT '' NOT NULL, 
	series TEXT DEFAULT '' NOT NULL, 
	predicted TEXT DEFAULT '' NOT NULL, 
	collection TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	teachers TEXT DEFAULT '' NOT NULL, 
	year INTEGER, 
	title TEXT DEFAULT '' NOT NULL, 
	source_file TEXT DEFAULT '' NOT NULL, 
	source_cell TEXT DEFAULT '' NOT NULL, 
	read_at TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_results PRIMARY KEY (academic_year, adno, subject)
);
CREATE TABLE returns (
	return_id TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	sha256 TEXT DEFAULT '' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	collection TEXT DEFAULT '' NOT NULL, 
	issue_id TEXT DEFAULT '' NOT NULL, 
	modified TEXT DEFAULT '' NOT NULL, 
	returned_at TEXT DEFAULT '' NOT NULL, 
	read_at TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	status TEXT DEFAULT '' NOT NULL, 
	read INTEGER DEFAULT '0' NOT NULL, 
	new INTEGER DEFAULT '0' NOT NULL, 
	changed INTEGER DEFAULT '0' NOT NULL, 
	same INTEGER DEFAULT '0' NOT NULL, 
	rejected INTEGER DEFAULT '0' NOT NULL, 
	"conflict" INTEGER DEFAULT '0' NOT NULL, 
	blank INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_returns PRIMARY KEY (return_id)
);
CREATE TABLE roles (
	academic_year TEXT NOT NULL, 
	staff TEXT NOT NULL, 
	role TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	CONSTRAINT pk_roles PRIMARY KEY (academic_year, staff, role, scope)
);
INSERT INTO "roles" VALUES('2026/27','ABA','head of department','Mathematics');
INSERT INTO "roles" VALUES('2026/27','COH','head of department','English');
CREATE TABLE roster_changes (
	id INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	at TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	field TEXT DEFAULT '' NOT NULL, 
	old TEXT DEFAULT '' NOT NULL, 
	new TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_roster_changes PRIMARY KEY (id)
);
CREATE TABLE settings (
	name TEXT NOT NULL, 
	value TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY (name)
);
INSERT INTO "settings" VALUES('pupils_from','pupils');
CREATE TABLE settled (
	settled_by TEXT NOT NULL, 
	return_id TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	cell TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	field TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	returned TEXT DEFAULT '' NOT NULL, 
	stored TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_settled PRIMARY KEY (settled_by, return_id, sheet, cell)
);
CREATE TABLE staff (
	academic_year TEXT NOT NULL, 
	code TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	email TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_staff PRIMARY KEY (academic_year, code)
);
INSERT INTO "staff" VALUES('2026/27','ABA','Ms R Abara','aba@school.example');
INSERT INTO "staff" VALUES('2026/27','COH','Mr D Cohen','coh@school.example');
CREATE TABLE target_answers (
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	collection TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	"query" TEXT DEFAULT '' NOT NULL, 
	answer TEXT DEFAULT '' NOT NULL, 
	answered_by TEXT DEFAULT '' NOT NULL, 
	answered_at TEXT DEFAULT '' NOT NULL, 
	file TEXT DEFAULT '' NOT NULL, 
	cell TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_target_answers PRIMARY KEY (adno, subject, collection, version)
);
CREATE TABLE targets (
	adno TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	expected TEXT, 
	aspirational TEXT, 
	status TEXT DEFAULT '' NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	baseline TEXT DEFAULT '' NOT NULL, 
	score TEXT DEFAULT '' NOT NULL, 
	pupils_behind_it INTEGER, 
	provenance TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	set_by TEXT DEFAULT '' NOT NULL, 
	set_at TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_targets PRIMARY KEY (adno, subject, version)
);
INSERT INTO "targets" VALUES('000104','English Language',1,'2026/27','5','6','draft','transition','reading','104',155076,'English Language, 2022/23 and 2023/24; reading 104; 48 % of 155,076 pupils in 102.5 - 104.5 reached 5; 23 % of 155,076 pupils in 102.5 - 104.5 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000106','English Language',1,'2026/27','3','4','draft','transition','reading','95',77697,'English Language, 2022/23 and 2023/24; reading 95; 68 % of 77,697 pupils in 90 - 95.5 reached 3; 28 % of 77,697 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000107','English Language',1,'2026/27','4','5','draft','transition','reading','101',116054,'English Language, 2022/23 and 2023/24; reading 101; 61 % of 116,054 pupils in 100 - 102 reached 4; 36 % of 116,054 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000108','English Language',1,'2026/27',NULL,NULL,'','','','',NULL,'','no KS2 scores','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000109','English Language',1,'2026/27','5','6','draft','transition','reading','106',175388,'English Language, 2022/23 and 2023/24; reading 106; 61 % of 175,388 pupils in 105 - 107 reached 5; 35 % of 175,388 pupils in 105 - 107 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000110','English Language',1,'2026/27','6','7','draft','transition','reading','109',159204,'English Language, 2022/23 and 2023/24; reading 109; 49 % of 159,204 pupils in 107.5 - 109.5 reached 6; 23 % of 159,204 pupils in 107.5 - 109.5 reached 7; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000111','English Language',1,'2026/27','2','3','draft','transition','reading','79',8785,'English Language, 2022/23 and 2023/24; reading 79; 68 % of 8,785 pupils in Less than 80 reached 2; 37 % of 8,785 pupils in Less than 80 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000112','English Language',1,'2026/27','4','5','draft','transition','reading','100',116054,'English Language, 2022/23 and 2023/24; reading 100; 61 % of 116,054 pupils in 100 - 102 reached 4; 36 % of 116,054 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000105','English Language',1,'2026/27','3','3','draft','transition','reading','88',36888,'English Language, 2022/23 and 2023/24; reading 88; 43 % of 36,888 pupils in 80 - 89.5 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000104','English Literature',1,'2026/27','5','6','draft','transition','reading','104',152966,'English Literature, 2022/23 and 2023/24; reading 104; 50 % of 152,966 pupils in 102.5 - 104.5 reached 5; 25 % of 152,966 pupils in 102.5 - 104.5 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000106','English Literature',1,'2026/27','3','4','draft','transition','reading','95',74924,'English Literature, 2022/23 and 2023/24; reading 95; 59 % of 74,924 pupils in 90 - 95.5 reached 3; 33 % of 74,924 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000107','English Literature',1,'2026/27','4','5','draft','transition','reading','101',114128,'English Literature, 2022/23 and 2023/24; reading 101; 64 % of 114,128 pupils in 100 - 102 reached 4; 39 % of 114,128 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000108','English Literature',1,'2026/27',NULL,NULL,'','','','',NULL,'','no KS2 scores','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000109','English Literature',1,'2026/27','5','6','draft','transition','reading','106',173605,'English Literature, 2022/23 and 2023/24; reading 106; 61 % of 173,605 pupils in 105 - 107 reached 5; 35 % of 173,605 pupils in 105 - 107 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000110','English Literature',1,'2026/27','6','7','draft','transition','reading','109',157985,'English Literature, 2022/23 and 2023/24; reading 109; 49 % of 157,985 pupils in 107.5 - 109.5 reached 6; 24 % of 157,985 pupils in 107.5 - 109.5 reached 7; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000111','English Literature',1,'2026/27','2','3','draft','transition','reading','79',7541,'English Literature, 2022/23 and 2023/24; reading 79; 60 % of 7,541 pupils in Less than 80 reached 2; 36 % of 7,541 pupils in Less than 80 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000112','English Literature',1,'2026/27','4','5','draft','transition','reading','100',114128,'English Literature, 2022/23 and 2023/24; reading 100; 64 % of 114,128 pupils in 100 - 102 reached 4; 39 % of 114,128 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000105','English Literature',1,'2026/27','2','3','draft','transition','reading','88',34595,'English Literature, 2022/23 and 2023/24; reading 88; 64 % of 34,595 pupils in 80 - 89.5 reached 2; 37 % of 34,595 pupils in 80 - 89.5 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000101','Mathematics',1,'2026/27','4','5','draft','transition','maths','101',116448,'Mathematics, 2022/23 and 2023/24; maths 101; 61 % of 116,448 pupils in 100 - 102 reached 4; 29 % of 116,448 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000102','Mathematics',1,'2026/27','7','8','draft','transition','maths','110',164483,'Mathematics, 2022/23 and 2023/24; maths 110; 46 % of 164,483 pupils in 110 - 113 reached 7; 24 % of 164,483 pupils in 110 - 113 reached 8; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000103','Mathematics',1,'2026/27','3','4','draft','transition','maths','95',78231,'Mathematics, 2022/23 and 2023/24; maths 95; 45 % of 78,231 pupils in 90 - 95.5 reached 3; 20 % of 78,231 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000104','Mathematics',1,'2026/27','4','4','draft','transition','maths','99',111554,'Mathematics, 2022/23 and 2023/24; maths 99; 43 % of 111,554 pupils in 96 - 99.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000106','Mathematics',1,'2026/27','3','4','draft','transition','maths','93',78231,'Mathematics, 2022/23 and 2023/24; maths 93; 45 % of 78,231 pupils in 90 - 95.5 reached 3; 20 % of 78,231 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000107','Mathematics',1,'2026/27','9','9','draft','transition','maths','118',24012,'Mathematics, 2022/23 and 2023/24; maths 118; 43 % of 24,012 pupils in 117 - 120 reached 9; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000108','Mathematics',1,'2026/27',NULL,NULL,'','','','',NULL,'','no KS2 scores','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000109','Mathematics',1,'2026/27','4','5','draft','transition','maths','100',116448,'Mathematics, 2022/23 and 2023/24; maths 100; 61 % of 116,448 pupils in 100 - 102 reached 4; 29 % of 116,448 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000105','Mathematics',1,'2026/27','6','7','draft','transition','maths','108',159440,'Mathematics, 2022/23 and 2023/24; maths 108; 47 % of 159,440 pupils in 107.5 - 109.5 reached 6; 26 % of 159,440 pupils in 107.5 - 109.5 reached 7; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000101','Dual Science',1,'2026/27','4-3','4-4','draft','transition','both','99',100931,'Combined Science, 2022/23 and 2023/24; reading and maths 99; 48 % of 100,931 pupils in 96 - 99.5 reached 4-3; 30 % of 100,931 pupils in 96 - 99.5 reached 4-4','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000102','Dual Science',1,'2026/27','6-6','7-7','draft','transition','both','111.5',82792,'Combined Science, 2022/23 and 2023/24; reading and maths 111.5; 47 % of 82,792 pupils in 110 - 113 reached 6-6; 24 % of 82,792 pupils in 110 - 113 reached 7-7','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000103','Dual Science',1,'2026/27','3-3','4-3','draft','transition','both','93.5',71555,'Combined Science, 2022/23 and 2023/24; reading and maths 93.5; 43 % of 71,555 pupils in 90 - 95.5 reached 3-3; 26 % of 71,555 pupils in 90 - 95.5 reached 4-3','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000110','Mathematics',1,'2026/27','8','9','draft','transition','maths','115',85606,'Mathematics, 2022/23 and 2023/24; maths 115; 48 % of 85,606 pupils in 113.5 - 116.5 reached 8; 20 % of 85,606 pupils in 113.5 - 116.5 reached 9; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000111','Mathematics',1,'2026/27','2','2','draft','transition','maths','85',37360,'Mathematics, 2022/23 and 2023/24; maths 85; 43 % of 37,360 pupils in 80 - 89.5 reached 2; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000112','Mathematics',1,'2026/27','4','5','draft','transition','maths','102',116448,'Mathematics, 2022/23 and 2023/24; maths 102; 61 % of 116,448 pupils in 100 - 102 reached 4; 29 % of 116,448 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000101','Dual Science',2,'2026/27','4-3','4-4','issued','transition','both','99',100931,'Combined Science, 2022/23 and 2023/24; reading and maths 99; 48 % of 100,931 pupils in 96 - 99.5 reached 4-3; 30 % of 100,931 pupils in 96 - 99.5 reached 4-4','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000101','Mathematics',2,'2026/27','4','5','issued','transition','maths','101',116448,'Mathematics, 2022/23 and 2023/24; maths 101; 61 % of 116,448 pupils in 100 - 102 reached 4; 29 % of 116,448 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000102','Dual Science',2,'2026/27','6-6','7-7','issued','transition','both','111.5',82792,'Combined Science, 2022/23 and 2023/24; reading and maths 111.5; 47 % of 82,792 pupils in 110 - 113 reached 6-6; 24 % of 82,792 pupils in 110 - 113 reached 7-7','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000102','Mathematics',2,'2026/27','7','8','issued','transition','maths','110',164483,'Mathematics, 2022/23 and 2023/24; maths 110; 46 % of 164,483 pupils in 110 - 113 reached 7; 24 % of 164,483 pupils in 110 - 113 reached 8; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000103','Dual Science',2,'2026/27','3-3','4-3','issued','transition','both','93.5',71555,'Combined Science, 2022/23 and 2023/24; reading and maths 93.5; 43 % of 71,555 pupils in 90 - 95.5 reached 3-3; 26 % of 71,555 pupils in 90 - 95.5 reached 4-3','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000103','Mathematics',2,'2026/27','3','4','issued','transition','maths','95',78231,'Mathematics, 2022/23 and 2023/24; maths 95; 45 % of 78,231 pupils in 90 - 95.5 reached 3; 20 % of 78,231 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000104','English Language',2,'2026/27','5','6','issued','transition','reading','104',155076,'English Language, 2022/23 and 2023/24; reading 104; 48 % of 155,076 pupils in 102.5 - 104.5 reached 5; 23 % of 155,076 pupils in 102.5 - 104.5 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000104','English Literature',2,'2026/27','5','6','issued','transition','reading','104',152966,'English Literature, 2022/23 and 2023/24; reading 104; 50 % of 152,966 pupils in 102.5 - 104.5 reached 5; 25 % of 152,966 pupils in 102.5 - 104.5 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000104','Mathematics',2,'2026/27','4','4','issued','transition','maths','99',111554,'Mathematics, 2022/23 and 2023/24; maths 99; 43 % of 111,554 pupils in 96 - 99.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000105','English Language',2,'2026/27','3','3','issued','transition','reading','88',36888,'English Language, 2022/23 and 2023/24; reading 88; 43 % of 36,888 pupils in 80 - 89.5 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000105','English Literature',2,'2026/27','2','3','issued','transition','reading','88',34595,'English Literature, 2022/23 and 2023/24; reading 88; 64 % of 34,595 pupils in 80 - 89.5 reached 2; 37 % of 34,595 pupils in 80 - 89.5 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000105','Mathematics',2,'2026/27','6','7','issued','transition','maths','108',159440,'Mathematics, 2022/23 and 2023/24; maths 108; 47 % of 159,440 pupils in 107.5 - 109.5 reached 6; 26 % of 159,440 pupils in 107.5 - 109.5 reached 7; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000106','English Language',2,'2026/27','3','4','issued','transition','reading','95',77697,'English Language, 2022/23 and 2023/24; reading 95; 68 % of 77,697 pupils in 90 - 95.5 reached 3; 28 % of 77,697 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000106','English Literature',2,'2026/27','3','4','issued','transition','reading','95',74924,'English Literature, 2022/23 and 2023/24; reading 95; 59 % of 74,924 pupils in 90 - 95.5 reached 3; 33 % of 74,924 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000106','Mathematics',2,'2026/27','3','4','issued','transition','maths','93',78231,'Mathematics, 2022/23 and 2023/24; maths 93; 45 % of 78,231 pupils in 90 - 95.5 reached 3; 20 % of 78,231 pupils in 90 - 95.5 reached 4; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000107','English Language',2,'2026/27','4','5','issued','transition','reading','101',116054,'English Language, 2022/23 and 2023/24; reading 101; 61 % of 116,054 pupils in 100 - 102 reached 4; 36 % of 116,054 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000107','English Literature',2,'2026/27','4','5','issued','transition','reading','101',114128,'English Literature, 2022/23 and 2023/24; reading 101; 64 % of 114,128 pupils in 100 - 102 reached 4; 39 % of 114,128 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000107','Mathematics',2,'2026/27','9','9','issued','transition','maths','118',24012,'Mathematics, 2022/23 and 2023/24; maths 118; 43 % of 24,012 pupils in 117 - 120 reached 9; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000109','English Language',2,'2026/27','5','6','issued','transition','reading','106',175388,'English Language, 2022/23 and 2023/24; reading 106; 61 % of 175,388 pupils in 105 - 107 reached 5; 35 % of 175,388 pupils in 105 - 107 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000109','English Literature',2,'2026/27','5','6','issued','transition','reading','106',173605,'English Literature, 2022/23 and 2023/24; reading 106; 61 % of 173,605 pupils in 105 - 107 reached 5; 35 % of 173,605 pupils in 105 - 107 reached 6; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000109','Mathematics',2,'2026/27','4','5','issued','transition','maths','100',116448,'Mathematics, 2022/23 and 2023/24; maths 100; 61 % of 116,448 pupils in 100 - 102 reached 4; 29 % of 116,448 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000110','English Language',2,'2026/27','6','7','issued','transition','reading','109',159204,'English Language, 2022/23 and 2023/24; reading 109; 49 % of 159,204 pupils in 107.5 - 109.5 reached 6; 23 % of 159,204 pupils in 107.5 - 109.5 reached 7; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000110','English Literature',2,'2026/27','6','7','issued','transition','reading','109',157985,'English Literature, 2022/23 and 2023/24; reading 109; 49 % of 157,985 pupils in 107.5 - 109.5 reached 6; 24 % of 157,985 pupils in 107.5 - 109.5 reached 7; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000110','Mathematics',2,'2026/27','8','9','issued','transition','maths','115',85606,'Mathematics, 2022/23 and 2023/24; maths 115; 48 % of 85,606 pupils in 113.5 - 116.5 reached 8; 20 % of 85,606 pupils in 113.5 - 116.5 reached 9; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000111','English Language',2,'2026/27','2','3','issued','transition','reading','79',8785,'English Language, 2022/23 and 2023/24; reading 79; 68 % of 8,785 pupils in Less than 80 reached 2; 37 % of 8,785 pupils in Less than 80 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000111','English Literature',2,'2026/27','2','3','issued','transition','reading','79',7541,'English Literature, 2022/23 and 2023/24; reading 79; 60 % of 7,541 pupils in Less than 80 reached 2; 36 % of 7,541 pupils in Less than 80 reached 3; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000111','Mathematics',2,'2026/27','2','2','issued','transition','maths','85',37360,'Mathematics, 2022/23 and 2023/24; maths 85; 43 % of 37,360 pupils in 80 - 89.5 reached 2; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000112','English Language',2,'2026/27','4','5','issued','transition','reading','100',116054,'English Language, 2022/23 and 2023/24; reading 100; 61 % of 116,054 pupils in 100 - 102 reached 4; 36 % of 116,054 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000112','English Literature',2,'2026/27','4','5','issued','transition','reading','100',114128,'English Literature, 2022/23 and 2023/24; reading 100; 64 % of 114,128 pupils in 100 - 102 reached 4; 39 % of 114,128 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
INSERT INTO "targets" VALUES('000112','Mathematics',2,'2026/27','4','5','issued','transition','maths','102',116448,'Mathematics, 2022/23 and 2023/24; maths 102; 61 % of 116,448 pupils in 100 - 102 reached 4; 29 % of 116,448 pupils in 100 - 102 reached 5; an approximation: the bands are of the mean of both tests','draft, not moderated','office','2026-10-14T09:30:00');
CREATE TABLE unsettled (
	return_id TEXT NOT NULL, 
	sheet TEXT NOT NULL, 
	cell TEXT NOT NULL, 
	academic_year TEXT DEFAULT '' NOT NULL, 
	class TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	adno TEXT DEFAULT '' NOT NULL, 
	field TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT '' NOT NULL, 
	returned TEXT DEFAULT '' NOT NULL, 
	stored TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_unsettled PRIMARY KEY (return_id, sheet, cell)
);
CREATE INDEX ix_history_return ON history (return_id);
CREATE INDEX ix_issues_collection ON issues (collection, class);
CREATE INDEX ix_moderations_file ON moderations (file);
CREATE INDEX ix_problems_file ON problems (file);
CREATE INDEX ix_pupils_upn ON pupils (upn);
CREATE INDEX ix_returns_sha256 ON returns (sha256);
CREATE INDEX ix_results_adno ON results (adno, subject);
CREATE INDEX ix_accepted_before_return ON accepted_before (return_id);
CREATE INDEX ix_accepted_before_class ON accepted_before (collection, class);
CREATE INDEX ix_returns_collection ON returns (collection, class);
COMMIT;
