# The commands of a working day; `just` lists them. Each runs in the environment that
# the README's first command makes.

bin := ".venv/bin"

# list the commands
default:
    @just --list

# environment with duban, its tests and its checks
setup:
    python3 -m venv .venv
    {{bin}}/pip install -r requirements-ci.txt -e .

# everything that must hold before a commit
check: lint types stairs rules test

# style, and its automatic corrections
lint:
    {{bin}}/ruff check .
    {{bin}}/ruff format --check .

fix:
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

types:
    {{bin}}/mypy

# imports go down the stairs only
stairs:
    {{bin}}/lint-imports

# the rules' own examples and counterexamples
rules:
    {{bin}}/duban rules --lint

test *args:
    {{bin}}/python -m pytest {{args}}

# scores on the reserved speeches, with their errors
score folder="corpus/heldout" errors="20":
    {{bin}}/duban evaluate {{folder}} --errors {{errors}}

speed *args:
    {{bin}}/python benchmarks/throughput.py {{args}}

# what the continuous check runs, in a fresh environment
ci:
    bash .ci/run

# renew requirements-ci.txt and requirements-spark.txt (needs uv)
pin:
    head -2 requirements-ci.txt > requirements-ci.tmp
    printf 'hatchling>=1.24\neditables>=0.5\n' | uv pip compile pyproject.toml - \
        --group dev --extra pkuseg --extra parquet --extra review --extra postgres \
        --universal --python-version 3.11 \
        --no-emit-index-url --no-header --no-annotate >> requirements-ci.tmp
    mv requirements-ci.tmp requirements-ci.txt
    head -2 requirements-spark.txt > requirements-spark.tmp
    uv pip compile pyproject.toml --extra spark -c requirements-ci.txt \
        --universal --python-version 3.11 --no-emit-index-url --no-header \
        --no-annotate | grep -E '^(pyspark|py4j)' >> requirements-spark.tmp
    mv requirements-spark.tmp requirements-spark.txt
