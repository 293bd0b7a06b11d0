# make chat     install once, then open the web app on the bundled articles (LITE=1: without torch)
# make test     install once with the developers' tools and a browser, then run all tests, or ARGS=tests/qa/test_ask.py
# make milvus   run the contract of a store and 40 stories on a Milvus server, which Docker starts and stops (CLUSTER=1: on a cluster)
# make lint     style and types
# make bench    speed, memory, retrieval and crash figures of eval/README.md
# make attack   attack an app of its own for a minute, or ARGS="--seconds 3600"; says which promises held
# make fuzz     search by coverage for files and requests that break what reads them, or ARGS="--seconds 600"
# make schema   call each address of an app as schemathesis makes calls of their description
# make bom      write bom.json, a bill of materials of what is installed
# PYTHON=/path/to/python3 names the Python to use.

PYTHON ?=
export PYTHON

.PHONY: chat test milvus lint bench attack fuzz schema bom

chat:
	@.ci/setup $(if $(LITE),lite,chat)
	@.venv/bin/whosays chat $(ARGS)

# Compiled code is kept, also where the system says otherwise: the tests start very many processes.
test:
	@.ci/setup dev
	@.ci/browser
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# The server's own volume stays; what the tests make on it they drop, and the stories have a name of their own.
MILVUS = docker compose --file $(if $(CLUSTER),compose.cluster.yaml,compose.yaml)
milvus:
	@.ci/setup dev
	$(MILVUS) up --wait
	WHOSAYS_TEST_MILVUS=milvus://localhost:19530 .venv/bin/python -m pytest tests/index $(ARGS) -k server && \
	.venv/bin/python -m eval.bench.milvus --limit 40 --address milvus://localhost:19530/stories_$$(date +%s); \
	code=$$?; $(MILVUS) stop; exit $$code

lint:
	@.ci/setup dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

bench:
	@.ci/setup dev
	.venv/bin/python -m eval.bench $(ARGS)
	.venv/bin/python -m eval.robustness.crash --kills 200
	.venv/bin/python -m eval.bench.dense --sizes 10000 100000 300000

attack:
	@.ci/setup dev
	.venv/bin/python -m eval.robustness.attack $(ARGS)

# With a tool of 35 MB that is there for Linux alone, in one version for each Python: no dependency of developers.
fuzz:
	@.ci/setup dev
	.venv/bin/python -m pip install --quiet --no-deps --upgrade --target .fuzz \
	'atheris==3.0.0; python_version < "3.12"' 'atheris==3.1.0; python_version >= "3.12"'
	PYTHONPATH=.fuzz .venv/bin/python -m eval.robustness.coverage $(ARGS)

# These two with a tool in an environment of its own: the bill is not to list it, nor a developer to install it.
schema:
	@.ci/setup dev
	.venv/bin/python -m venv .schema
	.schema/bin/python -m pip install --quiet schemathesis==4.32.5
	.venv/bin/python -m eval.robustness.schema --tool .schema/bin/schemathesis $(ARGS)

bom:
	@.ci/setup chat
	.venv/bin/python -m venv .bom
	.bom/bin/python -m pip install --quiet cyclonedx-bom==7.5.0
	.bom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-file bom.json .venv/bin/python
