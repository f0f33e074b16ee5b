from ._check_denoiser import check_denoiser as check_denoiser
from ._contract import CONTRACT as CONTRACT
from ._expected_failures import EXPECTED_FAILURES as EXPECTED_FAILURES
