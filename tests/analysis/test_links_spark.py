"""The same pairs on local Spark as on DuckDB: what is too much for one machine has a way to go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from hejie.analysis.duck import in_memory
from hejie.analysis.features import features
from hejie.analysis.links import pairs_of, score_table, table
from hejie.analysis.model import shipped
from hejie.cities.divisions import NAMES
from hejie.merchants.linking import ASKS, Lineages
from hejie.merchants.words import places
from hejie_lab.identity.rates import rates
from hejie_lab.identity.world import world
from hejie_lab.identity.writing import records

SPOKEN = {
    "list_intersect(": "array_intersect(",
    "list_distinct(": "array_distinct(",
    "list_concat(": "concat(",
    "len(": "size(",
    "starts_with(": "startswith(",
    "suffix(": "endswith(",
    "jaro_winkler_similarity(": "jaro_winkler(",
}
"""What DuckDB calls a function, and what Spark does."""
QUICK = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}
"""For a hundred rows, compiling costs more than running."""


@pytest.fixture
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("this machine has no Java, which Spark needs")
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    from splink.backends.spark import similarity_jar_location

    builder = sql.SparkSession.builder.master("local[2]").config("spark.jars", similarity_jar_location())
    for name, value in QUICK.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def _spoken(model: dict[str, Any]) -> dict[str, Any]:
    def told(text: str) -> str:
        for here, there in SPOKEN.items():
            text = text.replace(here, there)
        return text

    comparisons = [
        {
            **comparison,
            "comparison_levels": [
                {**level, "sql_condition": told(level["sql_condition"])} for level in comparison["comparison_levels"]
            ],
        }
        for comparison in model["comparisons"]
    ]
    looked_at = [{"blocking_rule": rule["blocking_rule"]} for rule in model["blocking_rules_to_generate_predictions"]]
    rest = {name: value for name, value in model.items() if name != "sql_dialect"}
    return {**rest, "comparisons": comparisons, "blocking_rules_to_generate_predictions": looked_at}


def test_spark_finds_the_same_pairs(spark):
    from splink import Linker, SparkAPI

    given, seed = rates(), rates().seeds.develop
    made = world(given, seed, 20)
    rows, _ = records(given, made, seed)
    found = table(features(rows, places(NAMES), Lineages(made.successions)))
    with in_memory() as connection:
        expected = score_table(connection, found, shipped(), ASKS, few=1)
    frame = spark.createDataFrame(found.to_pylist(), schema=_schema(found))
    api = SparkAPI(spark_session=spark, break_lineage_method="persist", num_partitions_on_repartition=1)
    linker = Linker(api.register(frame), _spoken(shipped()), log_level=None)
    scored = linker.inference.predict(threshold_match_probability=ASKS).as_record_list()
    same = {frozenset((pair.one, pair.other)): pair.bits for pair in pairs_of(scored, shipped())}
    weights = {frozenset((pair.one, pair.other)): pair.bits for pair in expected}
    assert len(weights) > 50
    assert same.keys() == weights.keys()
    assert all(abs(bits - weights[pair]) < 0.1 for pair, bits in same.items())


def _schema(found: Any) -> str:
    kinds = zip(found.column_names, found.schema.types, strict=True)
    return ", ".join(f"{name} {'array<string>' if str(kind).startswith('list') else 'string'}" for name, kind in kinds)
