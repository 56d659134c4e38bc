"""Outcomes in, Parquet tables out, on whatever file system Spark knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extract.spark.rows import PARTITION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, slots=True)
class Written:
    """Sums over the documents of a run."""

    documents: int
    tasks: int
    failures: int


def tasks(outcomes: DataFrame) -> DataFrame:
    """Tasks of `outcomes`, as `extract` gives them."""
    from pyspark.sql import functions as f

    rows = outcomes.select(PARTITION, f.posexplode("tasks").alias("row", "task"))
    return rows.select(PARTITION, "task.*", "row")


def failures(outcomes: DataFrame) -> DataFrame:
    """Documents of `outcomes` that failed: ``doc``, ``code`` and the reasons."""
    failed = outcomes.where("code != ''")
    return failed.select(PARTITION, "doc", "code", "reason_zh", "reason_en")


def write(outcomes: DataFrame, output: str) -> Written:
    """Write the tables ``tasks`` and ``failures``, in Parquet, by document.

    Only partitions of these documents are replaced: the same documents under the same
    versions leave the same tables, however often, and others stay as they are.

    Parameters
    ----------
    outcomes : DataFrame
        Of the function of that name.
    output : str
        Folder of the tables: a path or URI; made if it is not there.

    Returns
    -------
    Written
    """
    from pyspark import StorageLevel
    from pyspark.sql import functions as f

    # two tables and the sums are made of it; the work is done once
    found = outcomes.persist(StorageLevel.DISK_ONLY)
    try:
        for name, table in (("tasks", tasks(found)), ("failures", failures(found))):
            (
                table.write.mode("overwrite")
                .option("partitionOverwriteMode", "dynamic")
                .partitionBy(PARTITION)
                .parquet(f"{output}/{name}")
            )
        _remove_stale(found, output)
        sums = found.agg(
            f.count("*"),
            f.coalesce(f.sum(f.size("tasks")), f.lit(0)),
            f.count_if(f.col("code") != ""),
        ).collect()[0]
        return Written(*sums)
    finally:
        found.unpersist()


def _configuration(session: SparkSession) -> Any:
    return session.sparkContext._jsc.hadoopConfiguration()


def _remove_stale(found: DataFrame, output: str) -> None:
    """Remove partitions that these documents had and now have not."""
    from pyspark.sql import functions as f

    session = found.sparkSession
    jvm: Any = session._jvm
    path = jvm.org.apache.hadoop.fs.Path
    system = path(output).getFileSystem(_configuration(session))
    sums = found.groupBy(PARTITION).agg(
        f.sum(f.size("tasks")).alias("tasks"),
        f.count_if(f.col("code") != "").alias("failures"),
    )
    for name in ("tasks", "failures"):
        place = path(f"{output}/{name}")
        if not system.exists(place):
            continue
        gone = sums.where(f.col(name) == 0)
        if name == "failures":
            # most have none: only those that once had are looked for
            there = [entry.getPath().getName() for entry in system.listStatus(place)]
            known = [entry.partition("=")[2] for entry in there if "=" in entry]
            gone = gone.where(f.col(PARTITION).isin(known))
        for row in gone.select(PARTITION).collect():
            system.delete(path(place, f"{PARTITION}={row[0]}"), True)
