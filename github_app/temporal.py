"""Temporal: the server that `aidp up` brings along, and the connection to it or to any other."""

import asyncio
import logging
import shlex
import socket
import sysconfig
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client, GrpcCompression
from temporalio.envconfig import ClientConfigProfile, ClientConfigTLS
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from activities.process import Command, service
from github_app.payloads import CONVERTER
from github_app.settings import OperatorError, SettingsError
from workflows.search_attributes import REGISTERED

ADDRESS_FILE = "temporal.address"
"""In the state directory: where the embedded server listens, for commands in other terminals."""
USUAL_PORT = 7233
UI_PORT_OFFSET = 1000
READY_ATTEMPTS = 600
READY_PAUSE = 0.1
ANSWER_SECONDS = 30.0
"""A server that takes a connection and says nothing for so long is none, or is broken."""
RETENTION = timedelta(days=30)
DEFAULT_NAMESPACE = "default"
CHECK_YOURS = "Check TEMPORAL_ADDRESS and that server."
CHECK_TLS = (
    "Check TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH and TEMPORAL_TLS_SERVER_CA_CERT_PATH, "
    "or the same in Temporal's configuration file."
)

TUNING = (
    # A write-ahead log is what makes SQLite as fast as memory here; a killed server loses nothing with it.
    *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
    *(
        argument
        for setting in (
            # The defaults poll one shard 20 times a second, which adds some 40 ms to every step.
            "history.transferProcessorMaxPollRPS=2000",
            "history.timerProcessorMaxPollRPS=2000",
            "history.visibilityProcessorMaxPollRPS=2000",
            "history.outboundProcessorMaxPollRPS=2000",
            "system.forceSearchAttributesCacheRefreshOnRead=false",
            "system.forceNexusEndpointRefreshOnRead=false",
            # Cancelling an activity reaches its worker at once, not with its next heartbeat.
            "system.enableCancelActivityWorkerCommand=true",
            "frontend.WorkerCommandsEnabled=true",
        )
        for argument in ("--dynamic-config-value", setting)
    ),
)

logger = logging.getLogger(__name__)


class TemporalUnavailableError(OperatorError):
    """Temporal could not be started or reached; the text says what to look at."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded server."""

    address: str
    ui: str
    log: Path


@asynccontextmanager
async def embedded(state_dir: Path, port: int = USUAL_PORT) -> AsyncGenerator[EmbeddedServer]:
    """Run a Temporal server on a database in the state directory; restarted if it dies, stopped with the block.

    Takes a free port when `port` is taken. Raises `TemporalUnavailableError` when it does not come up.
    """
    port, ui_port = _free_port(port), _free_port(port + UI_PORT_OFFSET)
    server = EmbeddedServer(f"127.0.0.1:{port}", f"http://127.0.0.1:{ui_port}", state_dir / "logs/temporal.log")
    keeping = asyncio.create_task(_keep_running(_command(state_dir, port, ui_port)))
    address_file = state_dir / ADDRESS_FILE
    try:
        await _until_ready(server)
        address_file.write_text(server.address)
        yield server
    finally:
        address_file.unlink(missing_ok=True)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def connect(profile: ClientConfigProfile, state_dir: Path, *, lazy: bool = False) -> Client:
    """Connect as Temporal's own settings say, else to the embedded server of the state directory.

    Raises `SettingsError` when the settings can not be right, and `TemporalUnavailableError` when nobody answers or the
    namespace is not there (`lazy` puts that off to the first call).
    """
    address = profile.address or embedded_address(state_dir)
    async with _explained(profile, address):
        client = await Client.connect(
            address,
            namespace=profile.namespace or DEFAULT_NAMESPACE,
            data_converter=CONVERTER,
            api_key=profile.api_key,
            tls=_tls(profile.tls) if profile.tls else None,  # None: TLS if there is an API key
            rpc_metadata=profile.grpc_meta,
            grpc_compression=GrpcCompression.GZIP if profile.tls or profile.api_key else GrpcCompression.NONE,
            lazy=lazy,
        )
    return client if lazy else await reach(client, profile)


async def reach(client: Client, profile: ClientConfigProfile) -> Client:
    """Raise what `connect` raises unless the server answers and has the namespace, which no worker starts without."""
    address = client.service_client.config.target_host
    async with _explained(profile, address):
        try:
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise TemporalUnavailableError(_no_namespace(client, profile)) from error
            raise
    return client


def profile_of(environment: Mapping[str, str]) -> ClientConfigProfile:
    """Read Temporal's own settings: `TEMPORAL_*` variables, and its configuration file.

    Raises `SettingsError` when they can not be read.
    """
    try:
        return ClientConfigProfile.load(override_env_vars=environment)
    except RuntimeError as error:  # what the bridge raises is one, and has no public name
        flaw = str(error).splitlines()[0].rstrip(".")  # the lines below quote the file, which may hold a key
        hint = "Check TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and that file."
        raise SettingsError(f"Temporal's own settings can not be read: {flaw}. {hint}") from None


def embedded_address(state_dir: Path) -> str:
    """Tell where the embedded server of a state directory listens, or would."""
    address_file = state_dir / ADDRESS_FILE
    try:
        return address_file.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return f"127.0.0.1:{USUAL_PORT}"
    except OSError as error:
        hint = "Set AIDP_STATE_DIR to a directory of yours, or TEMPORAL_ADDRESS to your own server."
        raise SettingsError(f"{address_file} can not be read ({error.strerror}). {hint}") from error


async def prepare(client: Client) -> None:
    """Set up a server of our own; what is set up already stays as it is."""
    await keep_histories(client)
    await register_search_attributes(client)


async def prepare_foreign(client: Client) -> None:
    """Register our search attributes with the operator's server, if it lets us; how long it keeps what is its own."""
    try:
        await register_search_attributes(client)
    except RPCError as error:
        logger.warning("Temporal refuses our search attributes, lists do without them: %s", error.message)


async def register_search_attributes(client: Client) -> None:
    """Tell the server of our search attributes; it takes up to a second until it knows them everywhere."""
    types = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in REGISTERED}
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
    await client.operator_service.add_search_attributes(request)


async def keep_histories(client: Client, retention: timedelta = RETENTION) -> None:
    """Keep ended workflows for longer than the dev server's one day."""
    config = NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(retention.total_seconds())))
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=client.namespace, config=config))


@asynccontextmanager
async def _explained(profile: ClientConfigProfile, address: str) -> AsyncGenerator[None]:
    """Turn what the SDK raises, and silence, into what the operator can mend."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError as error:
        hint = CHECK_YOURS if profile.address else f"Look at logs/temporal.log beside {ADDRESS_FILE}."
        said = f"Temporal at {address} has not answered for {ANSWER_SECONDS:.0f} s. {hint}"
        raise TemporalUnavailableError(said) from error
    except ValueError as error:
        raise SettingsError(f"TEMPORAL_ADDRESS can not be used: {error}. Set it to host:port.") from error
    except (RPCError, RuntimeError) as error:  # the bridge raises RuntimeError when the connection is refused
        hint = CHECK_YOURS if profile.address else "Start `aidp up`, or set TEMPORAL_ADDRESS to your own server."
        if isinstance(error, RPCError) and error.status is not RPCStatusCode.UNAVAILABLE:
            raise TemporalUnavailableError(f"Temporal at {address} refuses: {error.message.rstrip('.')}.") from error
        raise TemporalUnavailableError(f"No Temporal server answers at {address}. {hint}") from error


def _no_namespace(client: Client, profile: ClientConfigProfile) -> str:
    address, name = client.service_client.config.target_host, shlex.quote(client.namespace)
    create = f"or create it with: temporal operator namespace create --namespace {name} --address {address}"
    hint = create if profile.address else f"such as {DEFAULT_NAMESPACE}."
    return f"Temporal at {address} has no namespace {name}. Set TEMPORAL_NAMESPACE to one that it has, {hint}"


def _tls(tls: ClientConfigTLS) -> bool | TLSConfig:
    if bool(tls.client_cert) != bool(tls.client_private_key):
        pair = "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (or _DATA)"
        raise SettingsError(f"A client certificate needs its key. Set both {pair}, or neither.")
    try:
        return tls.to_connect_tls_config()
    except OSError as error:
        raise SettingsError(f"{error.filename} can not be read ({error.strerror}). {CHECK_TLS}") from error


def _command(state_dir: Path, port: int, ui_port: int) -> Command:
    program = Path(sysconfig.get_path("scripts"), "temporal")
    database = state_dir / "temporal.db"
    return Command(
        argv=(
            *(str(program), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(ui_port)),
            *("--db-filename", str(database), "--log-level", "warn", *TUNING),
        ),
        cwd=state_dir,
        env={"HOME": str(state_dir)},
        log=state_dir / "logs/temporal.log",
        merge_stderr=True,
        grace_seconds=10,
    )


async def _keep_running(command: Command) -> None:
    while True:
        async with service(command) as process:
            code = await process.wait()
        logger.warning("Temporal ended with %d; starting it again. Its log is %s", code, command.log)
        await asyncio.sleep(1)


async def _until_ready(server: EmbeddedServer) -> None:
    for _ in range(READY_ATTEMPTS):
        if await _answers(server.address):
            return
        await asyncio.sleep(READY_PAUSE)
    raise TemporalUnavailableError(f"Temporal did not come up; its log is {server.log}")


async def _answers(address: str) -> bool:
    try:
        client = await Client.connect(address)
        await prepare(client)
    except (RPCError, RuntimeError):
        return False
    return True


def _free_port(preferred: int) -> int:
    """Take the preferred port if it is free, else any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):  # in use, or beyond the last one
                continue
            return int(probe.getsockname()[1])
    raise TemporalUnavailableError("No free port on 127.0.0.1.")
