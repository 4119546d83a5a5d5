import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import tracker.shared.models
import tracker.shared.money
import tracker.shared.numbers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("record", models.UUIDField()),
                ("op", models.CharField(max_length=40)),
                ("rev", models.PositiveIntegerField()),
                ("actor", models.UUIDField(blank=True, db_index=True, null=True)),
                ("at", models.DateTimeField()),
                ("body", models.BinaryField()),
                ("leaf", models.CharField(max_length=44)),
            ],
            options={
                "verbose_name_plural": "entries",
                "indexes": [models.Index(fields=["kind", "op"], name="entry_by_kind")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record", "rev"), name="entry_one_per_revision"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rev__gte", 1)), name="entry_revisions_count_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="tracker.entry",
                    ),
                ),
                ("values", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="MeasurementText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.CharField(default=tracker.shared.models.new_salt, max_length=32)),
                ("source", models.CharField(blank=True, max_length=300)),
                ("comment", models.TextField(blank=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("short_name", models.CharField(blank=True, max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("10", "government"),
                            ("11", "local government"),
                            ("15", "other public sector"),
                            ("21", "international NGO"),
                            ("22", "national NGO"),
                            ("23", "regional NGO"),
                            ("24", "partner country based NGO"),
                            ("30", "public-private partnership"),
                            ("40", "multilateral"),
                            ("60", "foundation"),
                            ("70", "private sector"),
                            ("71", "private sector in provider country"),
                            ("72", "private sector in aid recipient country"),
                            ("73", "private sector in third country"),
                            ("80", "academic, training and research"),
                            ("90", "other"),
                        ],
                        max_length=2,
                    ),
                ),
                (
                    "identifier",
                    models.CharField(blank=True, max_length=100, null=True, unique=True),
                ),
                ("country", models.CharField(blank=True, max_length=2)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        name="organisation_name_once",
                        violation_error_message="An organisation of this name exists already: use it, or add the country.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "10",
                                    "11",
                                    "15",
                                    "21",
                                    "22",
                                    "23",
                                    "24",
                                    "30",
                                    "40",
                                    "60",
                                    "70",
                                    "71",
                                    "72",
                                    "73",
                                    "80",
                                    "90",
                                ],
                            )
                        ),
                        name="organisation_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Authority",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorities",
                        to="tracker.organisation",
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("legal_basis", models.CharField(max_length=300)),
            ],
            options={
                "verbose_name_plural": "authorities",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "title"), name="authority_title_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FiscalEra",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fiscal_eras",
                        to="tracker.organisation",
                    ),
                ),
                ("begins_on", models.DateField()),
                ("start_month", models.PositiveSmallIntegerField()),
                ("named_after_end", models.BooleanField(default=True)),
                ("transition", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "begins_on"), name="fiscal_era_once_per_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("start_month__range", (1, 12))),
                        name="fiscal_era_month_exists",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Program",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("identifier", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=250)),
                ("summary", models.TextField(blank=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("1", "in preparation"),
                            ("2", "under way"),
                            ("3", "being completed"),
                            ("4", "closed"),
                            ("5", "cancelled"),
                            ("6", "suspended"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("operational", "kept here"),
                            ("documented", "documented from the public record"),
                            ("illustrative", "illustrative"),
                        ],
                        default="operational",
                        max_length=12,
                    ),
                ),
                (
                    "kind_of_aid",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("equipment", "equipment"),
                            ("training", "training"),
                            ("joint_exercise", "joint exercise"),
                            ("peacekeeping_support", "peacekeeping support"),
                            ("capacity_building", "capacity building"),
                            ("infrastructure", "infrastructure"),
                            ("humanitarian", "humanitarian and disaster relief"),
                            ("counter_terrorism", "counter-terrorism"),
                            ("cyber", "cyber"),
                            ("health", "health"),
                            ("climate_resilience", "climate resilience"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programs",
                        to="tracker.organisation",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("legal_authority", models.CharField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("identifier",),
                        name="program_identifier_once",
                        violation_error_message="A program with this identifier exists already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_on__isnull", True),
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="program_ends_after_it_starts",
                        violation_error_message="The end lies before the start: correct one of the dates.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["1", "2", "3", "4", "5", "6"])),
                        name="program_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("nature__in", ["operational", "documented", "illustrative"])
                        ),
                        name="program_nature_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind_of_aid__in",
                                [
                                    "",
                                    "equipment",
                                    "training",
                                    "joint_exercise",
                                    "peacekeeping_support",
                                    "capacity_building",
                                    "infrastructure",
                                    "humanitarian",
                                    "counter_terrorism",
                                    "cyber",
                                    "health",
                                    "climate_resilience",
                                ],
                            )
                        ),
                        name="program_kind_of_aid_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gaps",
                        to="tracker.program",
                    ),
                ),
                ("sentence", models.CharField(max_length=300)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Objective",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objectives",
                        to="tracker.program",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="tracker.objective",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("impact", "impact"),
                            ("outcome", "outcome"),
                            ("output", "output"),
                        ],
                        max_length=7,
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["impact", "outcome", "output"])),
                        name="objective_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("pk")), _negated=True),
                            _connector="OR",
                        ),
                        name="objective_is_not_its_own_parent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicators",
                        to="tracker.program",
                    ),
                ),
                (
                    "objective",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicators",
                        to="tracker.objective",
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("definition", models.TextField(blank=True)),
                ("unit", models.CharField(max_length=60)),
                (
                    "direction",
                    models.CharField(
                        choices=[("up", "higher is better"), ("down", "lower is better")],
                        default="up",
                        max_length=4,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "title"),
                        name="indicator_title_once_per_program",
                        violation_error_message="This program has an indicator of this title already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["up", "down"])),
                        name="indicator_direction_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Participation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to="tracker.program",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("donor", "donor"),
                            ("recipient", "recipient"),
                            ("implementing", "implementing"),
                            ("accountable", "accountable"),
                            ("partner", "partner"),
                        ],
                        max_length=15,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "organisation", "role"),
                        name="participation_once_per_role",
                        violation_error_message="This organisation already has this role in the program.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                ["donor", "recipient", "implementing", "accountable", "partner"],
                            )
                        ),
                        name="participation_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgramSector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sectors",
                        to="tracker.program",
                    ),
                ),
                ("code", models.CharField(max_length=5)),
                ("name", models.CharField(max_length=150)),
                ("percent", tracker.shared.numbers.ScaledField(blank=True, null=True, scale=2)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("program", "code"), name="program_sector_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "stream",
                    models.CharField(
                        choices=[("program", "program"), ("audit", "audit office")], max_length=7
                    ),
                ),
                ("subject", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("data_until", models.DateField()),
                ("journal_size", models.PositiveBigIntegerField()),
                ("manifest", models.CharField(max_length=64)),
                (
                    "published_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stream", "subject", "number"), name="release_numbered_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stream__in", ["program", "audit"])),
                        name="release_stream_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.release",
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("office", models.CharField(max_length=200)),
                ("engagement", models.CharField(max_length=300)),
                ("severity", models.CharField(max_length=8)),
                ("issued_on", models.DateField()),
                ("recommendations", models.PositiveSmallIntegerField()),
                ("open_recommendations", models.PositiveSmallIntegerField()),
                ("as_of", models.DateField()),
                ("words", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="PublishedFindingProgram",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="programs",
                        to="tracker.publishedfinding",
                    ),
                ),
                ("program", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("finding", "program"), name="published_finding_program_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedProgram",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.release",
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("summary", models.TextField(blank=True)),
                ("identifier", models.CharField(max_length=100)),
                ("owner", models.CharField(max_length=200)),
                ("nature", models.CharField(max_length=12)),
                ("kind_of_aid", models.CharField(max_length=24)),
                ("status", models.CharField(max_length=1)),
                ("donors", models.CharField(blank=True, max_length=400)),
                ("recipients", models.CharField(blank=True, max_length=400)),
                ("words", models.TextField(blank=True)),
                ("fields_withheld", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="PublishedReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.release",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="tracker.publishedprogram",
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("title", models.CharField(max_length=250)),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("words", models.TextField(blank=True)),
                (
                    "superseded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supersedes",
                        to="tracker.publishedreport",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PublishedTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="totals",
                        to="tracker.publishedprogram",
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("amount", tracker.shared.money.MoneyField(blank=True, null=True)),
                ("rows", models.PositiveIntegerField()),
                ("withheld_rows", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "fiscal_year", "kind", "currency"),
                        name="published_total_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleasedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.UUIDField(db_index=True)),
                ("cells", models.JSONField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReleaseItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="tracker.release",
                    ),
                ),
                (
                    "row",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="tracker.releasedrow",
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("position", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("release", "kind", "position"), name="release_item_placed_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.CharField(default=tracker.shared.models.new_salt, max_length=32)),
                ("reason", models.TextField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StatedFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="tracker.program",
                    ),
                ),
                ("label", models.CharField(max_length=250)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("quantity", "quantity"),
                            ("percent", "per cent"),
                            ("text", "words"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "qualifier",
                    models.CharField(
                        choices=[
                            ("exactly", ""),
                            ("about", "about"),
                            ("more_than", "more than"),
                            ("nearly", "nearly"),
                            ("up_to", "up to"),
                            ("at_least", "at least"),
                        ],
                        default="exactly",
                        max_length=10,
                    ),
                ),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("amount", tracker.shared.money.MoneyField(blank=True, null=True)),
                ("quantity", tracker.shared.numbers.ScaledField(blank=True, null=True, scale=6)),
                ("unit", models.CharField(blank=True, max_length=60)),
                ("words", models.CharField(blank=True, max_length=300)),
                ("period_start", models.DateField(blank=True, null=True)),
                ("period_end", models.DateField(blank=True, null=True)),
                ("as_of", models.DateField(blank=True, null=True)),
                ("period_text", models.CharField(blank=True, max_length=100)),
                ("citation", models.CharField(max_length=300)),
                ("source_url", models.URLField(blank=True, max_length=400)),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("A", "stated on an official page"),
                            ("B", "good secondary source"),
                        ],
                        max_length=1,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="tracker.statedfigure",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount__isnull", False),
                                ("kind", "money"),
                                ("quantity__isnull", True),
                                ("words", ""),
                                models.Q(("currency", ""), _negated=True),
                            ),
                            models.Q(
                                ("amount__isnull", True),
                                ("kind__in", ["quantity", "percent"]),
                                ("quantity__isnull", False),
                                ("words", ""),
                            ),
                            models.Q(
                                ("amount__isnull", True),
                                ("kind", "text"),
                                ("quantity__isnull", True),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="figure_states_what_its_kind_says",
                        violation_error_message="State what the kind of figure names, and nothing else: an amount, a number or words.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("citation", ""), _negated=True),
                        name="figure_has_a_citation",
                        violation_error_message="A stated figure needs the document that states it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__in", ["A", "B"])), name="figure_grade_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "qualifier__in",
                                ["exactly", "about", "more_than", "nearly", "up_to", "at_least"],
                            )
                        ),
                        name="figure_qualifier_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_start__isnull", True),
                            ("period_end__isnull", True),
                            ("period_end__gte", models.F("period_start")),
                            _connector="OR",
                        ),
                        name="figure_period_ends_after_it_starts",
                        violation_error_message="The period ends before it starts: correct one of the dates.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StepText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.CharField(default=tracker.shared.models.new_salt, max_length=32)),
                ("note", models.TextField(blank=True)),
                ("evidence_name", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TransactionText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.CharField(default=tracker.shared.models.new_salt, max_length=32)),
                ("payee", models.CharField(blank=True, db_index=True, max_length=200)),
                ("reference", models.CharField(blank=True, db_index=True, max_length=100)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Turnover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turnover",
                        to="tracker.program",
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commitment", "commitment"),
                            ("disbursement", "disbursement"),
                            ("refund", "refund"),
                        ],
                        max_length=12,
                    ),
                ),
                ("currency", tracker.shared.money.CurrencyField(max_length=3)),
                ("amount", tracker.shared.money.MoneyField()),
                ("rows", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "fiscal_year", "kind", "currency"), name="turnover_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__range", (-9000000000000000000, 9000000000000000000))
                        ),
                        name="turnover_can_be_counted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnpublishedCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("category", models.CharField(max_length=25, unique=True)),
                ("programs", models.PositiveIntegerField()),
                ("next_review_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "email",
                    models.EmailField(
                        error_messages={
                            "unique": "Somebody with this e-mail address is already here."
                        },
                        max_length=254,
                        unique=True,
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="tracker.organisation",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("sessions_ended", models.PositiveIntegerField(default=0)),
                (
                    "joined_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        name="user_email_once",
                        violation_error_message="Somebody with this e-mail address is already here.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="user_email_in_lower_case",
                        violation_error_message="Write the e-mail address in lower case.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=250)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("financial", "financial audit"),
                            ("performance", "performance audit"),
                            ("compliance", "compliance audit"),
                            ("inspection", "inspection or evaluation"),
                            ("follow_up", "follow-up"),
                            ("special", "special audit"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "standard",
                    models.CharField(
                        choices=[
                            ("gagas", "GAGAS"),
                            ("issai", "ISSAI"),
                            ("iia", "IIA"),
                            ("cigie", "CIGIE"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("fieldwork", "fieldwork"),
                            ("final", "final report issued"),
                            ("follow_up", "follow-up"),
                            ("closed", "closed"),
                            ("terminated", "terminated"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="tracker.organisation",
                    ),
                ),
                ("objectives", models.TextField(blank=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "number"),
                        name="engagement_number_once",
                        violation_error_message="The office has an engagement of this number already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "planned",
                                    "fieldwork",
                                    "final",
                                    "follow_up",
                                    "closed",
                                    "terminated",
                                ],
                            )
                        ),
                        name="engagement_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "financial",
                                    "performance",
                                    "compliance",
                                    "inspection",
                                    "follow_up",
                                    "special",
                                ],
                            )
                        ),
                        name="engagement_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("standard__in", ["gagas", "issai", "iia", "cigie"])),
                        name="engagement_standard_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EngagementScope",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scope",
                        to="tracker.engagement",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audited_in",
                        to="tracker.program",
                    ),
                ),
                ("period_start", models.DateField(blank=True, null=True)),
                ("period_end", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "program"),
                        name="engagement_scope_once",
                        violation_error_message="This program is in the scope already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_start__isnull", True),
                            ("period_end__isnull", True),
                            ("period_end__gte", models.F("period_start")),
                            _connector="OR",
                        ),
                        name="engagement_scope_period_runs_forward",
                        violation_error_message="The period ends before it begins: correct one of the dates.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidenceFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.PositiveBigIntegerField()),
                ("content_type", models.CharField(max_length=100)),
                ("stored_as", models.CharField(max_length=120)),
                (
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)),
                        name="evidence_is_not_empty",
                        violation_error_message="The file is empty (0 bytes): choose the right one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="tracker.engagement",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=250)),
                ("criteria", models.TextField(blank=True)),
                ("condition", models.TextField(blank=True)),
                ("cause", models.TextField(blank=True)),
                ("effect", models.TextField(blank=True)),
                ("blank_reason", models.CharField(blank=True, max_length=300)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("low", "low"),
                            ("medium", "medium"),
                            ("high", "high"),
                            ("critical", "critical"),
                        ],
                        max_length=8,
                    ),
                ),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("questioned", tracker.shared.money.MoneyField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "draft"), ("issued", "issued"), ("dropped", "dropped")],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("issued_at", models.DateTimeField(blank=True, null=True)),
                (
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("issued_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "number"), name="finding_numbered_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "issued", "dropped"])),
                        name="finding_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["low", "medium", "high", "critical"])),
                        name="finding_severity_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("questioned__isnull", True),
                            models.Q(
                                ("questioned__gte", 0), models.Q(("currency", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="finding_questioned_has_a_currency",
                        violation_error_message="A questioned amount needs its currency and is not below zero.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("status", "issued"), _negated=True),
                                ("issued_at__isnull", True),
                                ("issued_by__isnull", True),
                                ("issued_on__isnull", True),
                            ),
                            models.Q(
                                ("issued_at__isnull", False),
                                ("issued_by__isnull", False),
                                ("issued_on__isnull", False),
                                ("status", "issued"),
                            ),
                            _connector="OR",
                        ),
                        name="finding_issued_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("criteria", ""), _negated=True),
                                models.Q(("condition", ""), _negated=True),
                                models.Q(("cause", ""), _negated=True),
                                models.Q(("effect", ""), _negated=True),
                            ),
                            models.Q(("blank_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="finding_blank_element_has_its_reason",
                        violation_error_message="Criteria, condition, cause or effect is blank: write it, or say why it is blank.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(max_length=150)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                ("secret_digest", models.CharField(max_length=64, unique=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField()),
                (
                    "accepted_by",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitation",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("withdrawn", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Measurement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measurements",
                        to="tracker.indicator",
                    ),
                ),
                ("measured_on", models.DateField()),
                ("value", tracker.shared.numbers.ScaledField(blank=True, null=True, scale=6)),
                (
                    "verification",
                    models.CharField(
                        choices=[
                            ("not_verified", "not verified"),
                            ("self_reported", "reported by the recipient"),
                            ("verified", "verified by a third party"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="tracker.measurement",
                    ),
                ),
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="tracker.measurementtext"
                    ),
                ),
                ("text_digest", models.CharField(max_length=64)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["indicator", "measured_on"], name="measurement_by_day")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verification__in", ["not_verified", "self_reported", "verified"])
                        ),
                        name="measurement_verification_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("officer", "program officer"),
                            ("approver", "approver"),
                            ("auditor", "auditor"),
                            ("disclosure", "disclosure officer"),
                            ("recipient", "recipient's representative"),
                            ("administrator", "administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="tracker.program",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "waits for a second administrator"),
                            ("active", "in force"),
                            ("declined", "declined"),
                            ("ended", "ended"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", False), ("program__isnull", True)),
                            models.Q(("organisation__isnull", True), ("program__isnull", False)),
                            _connector="OR",
                        ),
                        name="membership_organisation_xor_program",
                        violation_error_message="A role is held over an organisation or over a program: choose one of them.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "officer",
                                    "approver",
                                    "auditor",
                                    "disclosure",
                                    "recipient",
                                    "administrator",
                                ],
                            )
                        ),
                        name="membership_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["proposed", "active", "declined", "ended"])
                        ),
                        name="membership_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role__in", ("approver", "administrator")), _negated=True),
                            models.Q(("status__in", ["active", "ended"]), _negated=True),
                            models.Q(("granted_by__isnull", True), ("role", "administrator")),
                            models.Q(
                                ("confirmed_by__isnull", False),
                                ("granted_by__isnull", False),
                                models.Q(("confirmed_by", models.F("granted_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="membership_needs_two_administrators",
                        violation_error_message="This role needs a second administrator.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(
                                models.Q(("confirmed_by", models.F("person")), _negated=True),
                                models.Q(("granted_by", models.F("person")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="membership_nobody_confirms_their_own",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["proposed", "active"])),
                        fields=("person", "role", "organisation"),
                        name="membership_once_per_organisation",
                        violation_error_message="This person holds this role already, or it waits for confirmation.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["proposed", "active"])),
                        fields=("person", "role", "program"),
                        name="membership_once_per_program",
                        violation_error_message="This person holds this role already, or it waits for confirmation.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sentence", models.CharField(max_length=300)),
                ("path", models.CharField(max_length=200)),
                (
                    "sent_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("read_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["person", "read_at"], name="notice_unread")],
            },
        ),
        migrations.CreateModel(
            name="NotPublished",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="not_published",
                        to="tracker.program",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("international_relations", "international relations"),
                            ("safety", "safety or harm"),
                            ("personal", "personal information"),
                            ("commercial", "commercially sensitive"),
                            ("operational_security", "operational security"),
                            ("classified", "classified"),
                            ("investigation", "ongoing investigation"),
                        ],
                        max_length=25,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("review_on", models.DateField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "not published",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("program",),
                        name="not_published_once_per_program",
                        violation_error_message="This program has such a decision already: lift it first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="not_published_lifted_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "category__in",
                                [
                                    "international_relations",
                                    "safety",
                                    "personal",
                                    "commercial",
                                    "operational_security",
                                    "classified",
                                    "investigation",
                                ],
                            )
                        ),
                        name="not_published_category_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recommendations",
                        to="tracker.finding",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recommendations",
                        to="tracker.organisation",
                    ),
                ),
                ("original_due_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("issued", "issued, no response yet"),
                            ("open_unresolved", "open, not agreed"),
                            ("open_resolved", "open, agreed"),
                            ("partially_addressed", "open, partially addressed"),
                            ("implementation_claimed", "open, said to be implemented"),
                            ("closed_implemented", "closed, implemented and verified"),
                            ("closed_not_implemented", "closed, not implemented"),
                            ("closed_overtaken", "closed, overtaken by events"),
                            ("closed_superseded", "closed, superseded"),
                            ("reopened", "reopened"),
                        ],
                        default="draft",
                        max_length=25,
                    ),
                ),
                (
                    "response",
                    models.CharField(
                        choices=[
                            ("none", "no response yet"),
                            ("concur", "concurs"),
                            ("partial", "partially concurs"),
                            ("non_concur", "does not concur"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("native_status", models.CharField(blank=True, max_length=60)),
                ("issued_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("finding", "number"), name="recommendation_numbered_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "issued",
                                    "open_unresolved",
                                    "open_resolved",
                                    "partially_addressed",
                                    "implementation_claimed",
                                    "closed_implemented",
                                    "closed_not_implemented",
                                    "closed_overtaken",
                                    "closed_superseded",
                                    "reopened",
                                ],
                            )
                        ),
                        name="recommendation_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("response__in", ["none", "concur", "partial", "non_concur"])
                        ),
                        name="recommendation_response_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("original_due_on"))),
                        name="recommendation_due_never_earlier",
                        violation_error_message="An extension moves the due date later, never earlier.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("issued_on__isnull", True),
                            ("original_due_on__gte", models.F("issued_on")),
                            _connector="OR",
                        ),
                        name="recommendation_due_after_issue",
                        violation_error_message="The due date lies before the day of issue.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecommendationStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "recommendation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="tracker.recommendation",
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("issued", "issued, no response yet"),
                            ("open_unresolved", "open, not agreed"),
                            ("open_resolved", "open, agreed"),
                            ("partially_addressed", "open, partially addressed"),
                            ("implementation_claimed", "open, said to be implemented"),
                            ("closed_implemented", "closed, implemented and verified"),
                            ("closed_not_implemented", "closed, not implemented"),
                            ("closed_overtaken", "closed, overtaken by events"),
                            ("closed_superseded", "closed, superseded"),
                            ("reopened", "reopened"),
                        ],
                        max_length=25,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("issued", "issued, no response yet"),
                            ("open_unresolved", "open, not agreed"),
                            ("open_resolved", "open, agreed"),
                            ("partially_addressed", "open, partially addressed"),
                            ("implementation_claimed", "open, said to be implemented"),
                            ("closed_implemented", "closed, implemented and verified"),
                            ("closed_not_implemented", "closed, not implemented"),
                            ("closed_overtaken", "closed, overtaken by events"),
                            ("closed_superseded", "closed, superseded"),
                            ("reopened", "reopened"),
                        ],
                        max_length=25,
                    ),
                ),
                (
                    "response",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "no response yet"),
                            ("concur", "concurs"),
                            ("partial", "partially concurs"),
                            ("non_concur", "does not concur"),
                        ],
                        max_length=10,
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "evidence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.evidencefile",
                    ),
                ),
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="tracker.steptext"
                    ),
                ),
                ("text_digest", models.CharField(max_length=64)),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("after", "closed_implemented"), _negated=True),
                            ("before", "closed_implemented"),
                            ("evidence__isnull", False),
                            _connector="OR",
                        ),
                        name="step_closing_as_implemented_needs_evidence",
                        violation_error_message="Attach the evidence on which you close it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "before__in",
                                [
                                    "draft",
                                    "issued",
                                    "open_unresolved",
                                    "open_resolved",
                                    "partially_addressed",
                                    "implementation_claimed",
                                    "closed_implemented",
                                    "closed_not_implemented",
                                    "closed_overtaken",
                                    "closed_superseded",
                                    "reopened",
                                ],
                            ),
                            (
                                "after__in",
                                [
                                    "draft",
                                    "issued",
                                    "open_unresolved",
                                    "open_resolved",
                                    "partially_addressed",
                                    "implementation_claimed",
                                    "closed_implemented",
                                    "closed_not_implemented",
                                    "closed_overtaken",
                                    "closed_superseded",
                                    "reopened",
                                ],
                            ),
                        ),
                        name="step_states_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="tracker.program",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("progress", "progress report")], default="progress", max_length=10
                    ),
                ),
                ("title", models.CharField(max_length=250)),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("in_review", "in review"),
                            ("returned", "returned"),
                            ("reviewed", "reviewed"),
                            ("published", "published"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "release",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.release",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gte", models.F("period_start"))),
                        name="report_period_ends_after_it_starts",
                        violation_error_message="The period ends before it starts.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["draft", "in_review", "returned", "reviewed", "published"],
                            )
                        ),
                        name="report_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("release__isnull", False), ("status", "published")),
                            models.Q(
                                models.Q(("status", "published"), _negated=True),
                                ("release__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="report_published_names_its_release",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportEdit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edits",
                        to="tracker.report",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReportReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="tracker.report",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("accepted", "accepted"), ("returned", "returned")], max_length=8
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verdict", "returned"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="report_return_has_a_reason",
                        violation_error_message="Say why you return it.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="tracker.report",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("heading", models.CharField(max_length=150)),
                ("body", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "position"), name="report_section_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="tracker.indicator",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("baseline", "baseline"), ("target", "target")], max_length=8
                    ),
                ),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("value", tracker.shared.numbers.ScaledField(blank=True, null=True, scale=6)),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="tracker.target",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gte", models.F("period_start"))),
                        name="target_period_ends_after_it_starts",
                        violation_error_message="The period ends before it starts.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["baseline", "target"])),
                        name="target_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="team",
                        to="tracker.engagement",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "person"),
                        name="team_member_once",
                        violation_error_message="This person is on the team already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VersionText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.CharField(default=tracker.shared.models.new_salt, max_length=32)),
                ("payee", models.CharField(blank=True, max_length=200)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Withholding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withholdings",
                        to="tracker.program",
                    ),
                ),
                ("record", models.UUIDField()),
                ("record_kind", models.CharField(max_length=40)),
                ("field", models.CharField(max_length=40)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("international_relations", "international relations"),
                            ("safety", "safety or harm"),
                            ("personal", "personal information"),
                            ("commercial", "commercially sensitive"),
                            ("operational_security", "operational security"),
                            ("classified", "classified"),
                            ("investigation", "ongoing investigation"),
                        ],
                        max_length=25,
                    ),
                ),
                ("legal_basis", models.CharField(max_length=300)),
                ("reason", models.CharField(max_length=300)),
                ("review_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "waits for a second person"),
                            ("in_force", "in force"),
                            ("declined", "declined"),
                            ("lifted", "lifted"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("office", models.CharField(blank=True, max_length=200)),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="withholding_decided_by_another",
                        violation_error_message="Somebody else must decide what you proposed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="withholding_decided_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                            models.Q(
                                ("reviewed_at__isnull", False), ("reviewed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="withholding_reviewed_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                ("status", "lifted"),
                            ),
                            _connector="OR",
                        ),
                        name="withholding_lifted_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_by__isnull", True),
                            models.Q(("lifted_by", models.F("decided_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="withholding_lifted_by_another",
                        violation_error_message="Somebody else must lift what you decided.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="withholding_has_a_reason",
                        violation_error_message="Write the reason that the public will read.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["proposed", "in_force", "declined", "lifted"])
                        ),
                        name="withholding_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "category__in",
                                [
                                    "international_relations",
                                    "safety",
                                    "personal",
                                    "commercial",
                                    "operational_security",
                                    "classified",
                                    "investigation",
                                ],
                            )
                        ),
                        name="withholding_category_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["proposed", "in_force"])),
                        fields=("program", "record", "field"),
                        name="withholding_once_per_field",
                        violation_error_message="This field is withheld already, or the proposal waits for a decision.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("amount", tracker.shared.money.MoneyField(blank=True, null=True)),
                ("value_date", models.DateField(blank=True, null=True)),
                (
                    "date_precision",
                    models.CharField(
                        choices=[
                            ("day", "day"),
                            ("month", "month"),
                            ("fiscal_year", "fiscal year"),
                        ],
                        default="day",
                        max_length=11,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.authority",
                    ),
                ),
                (
                    "valuation_basis",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("acquisition_cost", "acquisition cost"),
                            ("net_book_value", "net book value"),
                            ("replacement_cost", "replacement cost"),
                            ("market_value", "market value"),
                            ("donor_stated", "stated by the donor"),
                            ("not_stated", "not stated"),
                        ],
                        default="money",
                        max_length=20,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="tracker.program",
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commitment", "commitment"),
                            ("disbursement", "disbursement"),
                            ("reversal", "reversal"),
                            ("batch", "batch"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "waits for approval"),
                            ("returned", "returned"),
                            ("posted", "posted"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("payee", models.CharField(blank=True, max_length=200)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("description", models.TextField(blank=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "number"),
                        name="voucher_number_once",
                        violation_error_message="This voucher number is already used: choose the next free one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["commitment", "disbursement", "reversal", "batch"])
                        ),
                        name="voucher_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["draft", "submitted", "returned", "posted", "withdrawn"],
                            )
                        ),
                        name="voucher_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True),
                            ("amount__gt", 0),
                            ("kind", "reversal"),
                            _connector="OR",
                        ),
                        name="voucher_amount_above_zero",
                        violation_error_message="The amount must be more than zero.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "batch"), ("program__isnull", False), _connector="OR"
                        ),
                        name="voucher_has_a_program",
                        violation_error_message="Choose the program that the voucher belongs to.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="tracker.voucher",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="tracker.evidencefile",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "attached_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "attached_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("removed", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "voucher",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upload",
                        to="tracker.voucher",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="tracker.evidencefile",
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("source", models.CharField(max_length=80)),
                ("mapping", models.JSONField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("checking", "being checked"),
                            ("checked", "checked"),
                            ("submitted", "waits for approval"),
                            ("returned", "returned"),
                            ("posting", "being posted"),
                            ("stopped", "stopped"),
                            ("posted", "posted"),
                            ("discarded", "discarded"),
                        ],
                        default="checking",
                        max_length=10,
                    ),
                ),
                ("facts", models.JSONField(default=dict)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_good", models.PositiveIntegerField(default=0)),
                ("rows_wrong", models.PositiveIntegerField(default=0)),
                ("rows_known", models.PositiveIntegerField(default=0)),
                ("rows_posted", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                (
                    "channel",
                    models.CharField(
                        choices=[("web", "web page"), ("command", "command line")],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("os_user", models.CharField(blank=True, max_length=60)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "checking",
                                    "checked",
                                    "submitted",
                                    "returned",
                                    "posting",
                                    "stopped",
                                    "posted",
                                    "discarded",
                                ],
                            )
                        ),
                        name="upload_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["web", "command"])),
                        name="upload_channel_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VoucherEdit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edits",
                        to="tracker.voucher",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["voucher", "person"], name="voucher_editors")],
            },
        ),
        migrations.CreateModel(
            name="VoucherVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("amount", tracker.shared.money.MoneyField(blank=True, null=True)),
                ("value_date", models.DateField(blank=True, null=True)),
                (
                    "date_precision",
                    models.CharField(
                        choices=[
                            ("day", "day"),
                            ("month", "month"),
                            ("fiscal_year", "fiscal year"),
                        ],
                        default="day",
                        max_length=11,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.authority",
                    ),
                ),
                (
                    "valuation_basis",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("acquisition_cost", "acquisition cost"),
                            ("net_book_value", "net book value"),
                            ("replacement_cost", "replacement cost"),
                            ("market_value", "market value"),
                            ("donor_stated", "stated by the donor"),
                            ("not_stated", "not stated"),
                        ],
                        default="money",
                        max_length=20,
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="tracker.voucher",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commitment", "commitment"),
                            ("disbursement", "disbursement"),
                            ("reversal", "reversal"),
                            ("batch", "batch"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.program",
                    ),
                ),
                ("batch_digest", models.CharField(blank=True, max_length=64)),
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="tracker.versiontext"
                    ),
                ),
                ("text_digest", models.CharField(max_length=64)),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("voucher", "number"), name="version_numbered_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="tracker.voucherversion",
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "approved_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "approver"),
                        name="approval_once_per_person",
                        violation_error_message="You have approved this version already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="tracker.voucherversion",
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="tracker.returntext"
                    ),
                ),
                ("text_digest", models.CharField(max_length=64)),
                (
                    "returned_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version",), name="version_returned_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("amount", tracker.shared.money.MoneyField(blank=True, null=True)),
                ("value_date", models.DateField(blank=True, null=True)),
                (
                    "date_precision",
                    models.CharField(
                        choices=[
                            ("day", "day"),
                            ("month", "month"),
                            ("fiscal_year", "fiscal year"),
                        ],
                        default="day",
                        max_length=11,
                    ),
                ),
                (
                    "draws_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.transaction",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.organisation",
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.authority",
                    ),
                ),
                (
                    "valuation_basis",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("acquisition_cost", "acquisition cost"),
                            ("net_book_value", "net book value"),
                            ("replacement_cost", "replacement cost"),
                            ("market_value", "market value"),
                            ("donor_stated", "stated by the donor"),
                            ("not_stated", "not stated"),
                        ],
                        default="money",
                        max_length=20,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commitment", "commitment"),
                            ("disbursement", "disbursement"),
                            ("refund", "refund"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="tracker.program",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="tracker.voucherversion",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="tracker.transaction",
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                (
                    "provenance",
                    models.CharField(
                        choices=[
                            ("voucher", "entered as a voucher"),
                            ("upload", "uploaded from a file"),
                            ("opening", "opening commitment for history without one"),
                        ],
                        max_length=8,
                    ),
                ),
                ("import_key", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="tracker.transactiontext"
                    ),
                ),
                ("text_digest", models.CharField(max_length=64)),
                (
                    "posted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.entry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["program", "value_date", "id"], name="transaction_by_day"),
                    models.Index(fields=["draws_on"], name="transaction_by_parent"),
                    models.Index(fields=["kind", "fiscal_year"], name="transaction_by_year"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["commitment", "disbursement", "refund"])),
                        name="transaction_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", False),
                            ("value_date__isnull", False),
                            models.Q(("currency", ""), _negated=True),
                        ),
                        name="transaction_states_amount_and_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("reverses__isnull", True)),
                            models.Q(("amount__lt", 0), ("reverses__isnull", False)),
                            _connector="OR",
                        ),
                        name="transaction_positive_unless_reversal",
                        violation_error_message="An amount must be more than zero.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("draws_on__isnull", True),
                            models.Q(("kind", "commitment"), _negated=True),
                            _connector="OR",
                        ),
                        name="transaction_commitment_draws_on_no_transaction",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("draws_on__isnull", False),
                            models.Q(("kind", "disbursement"), _negated=True),
                            _connector="OR",
                        ),
                        name="transaction_disbursement_draws_on_a_commitment",
                        violation_error_message="A disbursement draws on a commitment: choose it.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "transaction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="balance",
                        serialize=False,
                        to="tracker.transaction",
                    ),
                ),
                ("currency", tracker.shared.money.CurrencyField(max_length=3)),
                ("committed", tracker.shared.money.MoneyField()),
                ("drawn", tracker.shared.money.MoneyField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("drawn__lte", models.F("committed"))),
                        name="balance_drawn_within_committed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("drawn__gte", 0)), name="balance_drawn_not_below_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="tracker.finding",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="finding_links",
                        to="tracker.transaction",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("finding", "transaction"), name="finding_link_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="tracker.upload",
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("good", "good"),
                            ("wrong", "has an error"),
                            ("known", "posted before"),
                            ("posted", "posted"),
                        ],
                        max_length=6,
                    ),
                ),
                ("problems", models.JSONField(default=list)),
                (
                    "program",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.program",
                    ),
                ),
                ("program_code", models.CharField(blank=True, max_length=120)),
                ("program_name", models.CharField(blank=True, max_length=250)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("commitment", "commitment"),
                            ("disbursement", "disbursement"),
                            ("refund", "refund"),
                        ],
                        max_length=12,
                    ),
                ),
                ("currency", tracker.shared.money.CurrencyField(blank=True, max_length=3)),
                ("amount", tracker.shared.money.MoneyField(blank=True, null=True)),
                ("value_date", models.DateField(blank=True, null=True)),
                (
                    "date_precision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("day", "day"),
                            ("month", "month"),
                            ("fiscal_year", "fiscal year"),
                        ],
                        max_length=11,
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("payee", models.CharField(blank=True, max_length=200)),
                ("description", models.TextField(blank=True)),
                ("number", models.CharField(blank=True, max_length=40)),
                ("import_key", models.CharField(blank=True, max_length=64)),
                (
                    "transaction",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upload_row",
                        to="tracker.transaction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["upload", "state", "kind", "line"], name="upload_rows_by_state"
                    ),
                    models.Index(fields=["upload", "import_key"], name="upload_rows_by_key"),
                    models.Index(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=["number"],
                        name="upload_rows_by_number",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("upload", "line"), name="upload_row_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["good", "wrong", "known", "posted"])),
                        name="upload_row_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VersionEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="tracker.voucherversion",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracker.evidencefile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "file"), name="evidence_once_per_version"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="voucher",
            name="draws_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tracker.transaction",
            ),
        ),
        migrations.AddField(
            model_name="voucher",
            name="reverses",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tracker.transaction",
            ),
        ),
        migrations.AddField(
            model_name="voucherversion",
            name="draws_on",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tracker.transaction",
            ),
        ),
        migrations.AddField(
            model_name="voucherversion",
            name="reverses",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tracker.transaction",
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                    models.Q(
                        models.Q(("kind", "reversal"), _negated=True), ("reverses__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="voucher_reversal_names_its_transaction",
            ),
        ),
    ]
